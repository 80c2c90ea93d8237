package io.fermata.simulation;

import io.fermata.handover.HostName;
import io.fermata.journal.MemoryJournal;
import java.util.ArrayList;
import java.util.List;

/** The orchestrators, which all work on one journal, whether they know of each other or not. */
final class Control {
  private final Surroundings around;
  private final MemoryJournal journal;
  private final List<Orchestrator> alive = new ArrayList<>();
  private int born;

  Control(Surroundings around, MemoryJournal journal) {
    this.around = around;
    this.journal = journal;
  }

  MemoryJournal journal() {
    return journal;
  }

  /** Another one takes over; those that live go on as zombies. */
  void takeOver() {
    born++;
    Orchestrator next = new Orchestrator(around, journal, "o" + born);
    if (next.recover()) {
      alive.add(next);
    }
  }

  void kill(Orchestrator orchestrator) {
    orchestrator.die();
    alive.remove(orchestrator);
  }

  List<Orchestrator> alive() {
    return List.copyOf(alive);
  }

  /** The names of all that may send, hosts first. */
  List<String> parties() {
    List<String> names = new ArrayList<>();
    around.hosts().keySet().stream().map(HostName::value).forEach(names::add);
    alive.forEach(o -> names.add(o.name()));
    return names;
  }
}
