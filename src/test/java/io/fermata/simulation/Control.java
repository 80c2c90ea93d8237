package io.fermata.simulation;

import io.fermata.handover.HostName;
import io.fermata.journal.MemoryJournal;
import io.fermata.wire.Protocol;
import java.util.ArrayList;
import java.util.List;

/** The orchestrators, which all work on one journal, whether they know of each other or not. */
final class Control {
  private final Surroundings around;
  private MemoryJournal journal;
  private MemoryJournal backup;
  private final List<Orchestrator> alive = new ArrayList<>();
  private int born;

  Control(Surroundings around, MemoryJournal journal) {
    this.around = around;
    this.journal = journal;
    this.backup = journal.copy();
  }

  void backUp() {
    backup = journal.copy();
  }

  /** From now on the backup is the journal; who lives goes on with the one that it has. */
  void restore() {
    around.world().note("an older journal takes the place of the journal");
    if (!around.world().options().comparing() || !alive().isEmpty()) {
      around.truth().oldJournal();
    }
    journal = backup.copy();
    takeOver();
  }

  MemoryJournal journal() {
    return journal;
  }

  /** Another one takes over; those that live go on as zombies. */
  void takeOver() {
    takeOver(Protocol.BUILD);
  }

  /** One of that build takes over. */
  void takeOver(Protocol build) {
    born++;
    Orchestrator next = new Orchestrator(around, journal, "o" + born, build);
    if (next.recover()) {
      alive.add(next);
    }
  }

  void kill(Orchestrator orchestrator) {
    orchestrator.die();
    alive.remove(orchestrator);
  }

  List<Orchestrator> alive() {
    alive.removeIf(orchestrator -> !orchestrator.isAlive());
    return List.copyOf(alive);
  }

  /** The names of all that may send, hosts first. */
  List<String> parties() {
    List<String> names = new ArrayList<>();
    around.hosts().keySet().stream().map(HostName::value).forEach(names::add);
    alive().forEach(o -> names.add(o.name()));
    return names;
  }
}
