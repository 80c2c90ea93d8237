package io.fermata.simulation;

import io.fermata.agent.AgentPorts;
import io.fermata.device.DeviceName;
import io.fermata.device.Hop;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Stop;
import io.fermata.handover.Ticket;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.PeerMessage;
import java.util.ArrayList;
import java.util.List;

/**
 * The ports of one agent process while its thread may be inside a slow sync: what the turn does
 * after the sync is done once the sync has ended, and never if the process ends before.
 */
final class HeldEffects
    implements AgentPorts, AgentPorts.Devices, AgentPorts.Streams, AgentPorts.Replies {
  private final World world;
  private final AgentProcess agent;
  private final List<Runnable> held = new ArrayList<>();
  private long until;

  HeldEffects(World world, AgentProcess agent) {
    this.world = world;
    this.agent = agent;
  }

  /** When the sync under way ends, in the world's time; in the past when there is none. */
  long until() {
    return until;
  }

  /** A sync has begun that ends then, with these words on the disk or with a fault. */
  void until(long nanos, Runnable written) {
    until = nanos;
    held.add(written);
    world.at(nanos, "a slow sync ends", this::release);
  }

  private void release() {
    List<Runnable> waited = List.copyOf(held);
    held.clear();
    if (agent.isAlive()) {
      agent.safely(() -> waited.forEach(Runnable::run));
    }
  }

  /** Now, or behind what waits for the sync. */
  void then(Runnable effect) {
    if (held.isEmpty()) {
      effect.run();
    } else {
      held.add(effect);
    }
  }

  @Override
  public Clock clock() {
    return agent.clock();
  }

  @Override
  public Devices devices() {
    return this;
  }

  @Override
  public Streams streams() {
    return this;
  }

  @Override
  public Guests guests() {
    return wanted -> then(() -> agent.guests().set(wanted));
  }

  @Override
  public Peers peers() {
    return (url, message) -> then(() -> agent.peers().tell(url, message));
  }

  @Override
  public Replies replies() {
    return this;
  }

  @Override
  public void move(MigrationId migration, DeviceName device, Hop hop) {
    then(() -> agent.move(migration, device, hop));
  }

  @Override
  public void look(MigrationId migration, DeviceName device) {
    then(() -> agent.look(migration, device));
  }

  @Override
  public void reset(MigrationId migration, DeviceName device) {
    then(() -> agent.reset(migration, device));
  }

  @Override
  public void open(MigrationId migration, ClaimSpec spec, DeviceName device, boolean readable) {
    then(() -> agent.streams().open(migration, spec, device, readable));
  }

  @Override
  public void finish(MigrationId migration, DeviceName device, Stop stop) {
    then(() -> agent.streams().finish(migration, device, stop));
  }

  @Override
  public void expect(MigrationId migration, ClaimSpec spec) {
    then(() -> agent.streams().expect(migration, spec));
  }

  @Override
  public void drop(MigrationId migration) {
    then(() -> agent.streams().drop(migration));
  }

  @Override
  public void reply(Ticket ticket, Answer answer) {
    then(() -> agent.reply(ticket, answer));
  }

  @Override
  public void reply(Ticket ticket, PeerMessage.Word word) {
    then(() -> agent.reply(ticket, word));
  }
}
