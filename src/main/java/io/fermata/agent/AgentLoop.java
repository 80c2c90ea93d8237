package io.fermata.agent;

import io.fermata.handover.Claims;
import io.fermata.handover.Effect;
import io.fermata.handover.Event;
import io.fermata.handover.Fact;
import io.fermata.handover.Timings;
import io.fermata.handover.Turn;
import java.util.List;

/**
 * The agent's one loop: events in, facts to disk, effects out, in that order. It has no thread of
 * its own; whoever calls it, calls from one thread only. Many events share one turn and so one
 * sync: that is the group commit.
 *
 * <p>If the sync fails the loop must not be called again: what it holds in memory may be ahead of
 * the disk.
 */
public final class AgentLoop {
  private final Claims claims;
  private final Slate slate;
  private final AgentPorts ports;
  private final String agent;
  private final Timings timings;

  /**
   * @param agent names this process; another name tells an orchestrator of a restart
   */
  public AgentLoop(Claims claims, Slate slate, AgentPorts ports, String agent, Timings timings) {
    this.claims = claims;
    this.slate = slate;
    this.ports = ports;
    this.agent = agent;
    this.timings = timings;
  }

  /**
   * Rebuilds the claims from the slate and takes up what they demand. Once, before anything else.
   */
  public void start() {
    Turn turn = turn();
    claims.restore(slate.facts(), turn);
    finish(turn);
  }

  /** One turn: all these events, then time. */
  public void turn(List<Event> events) {
    Turn turn = turn();
    for (Event event : events) {
      claims.on(event, turn);
    }
    claims.tick(turn);
    finish(turn);
  }

  /** What the agent knows; to be read on the loop's thread only. */
  public Claims claims() {
    return claims;
  }

  private Turn turn() {
    return new Turn(ports.clock().nanos(), agent, timings);
  }

  private void finish(Turn turn) {
    List<Fact> facts = turn.facts();
    if (!facts.isEmpty()) {
      slate.append(facts);
    }
    turn.effects().forEach(this::act);
  }

  private void act(Effect effect) {
    switch (effect) {
      case Effect.Move e -> ports.devices().move(e.migration(), e.device(), e.hop());
      case Effect.Look e -> ports.devices().look(e.migration(), e.device());
      case Effect.Reset e -> ports.devices().reset(e.migration(), e.device());
      case Effect.Guest e -> ports.guests().set(e);
      case Effect.OpenStream e ->
          ports.streams().open(e.migration(), e.spec(), e.device(), e.readable());
      case Effect.FinishStream e -> ports.streams().finish(e.migration(), e.device(), e.stop());
      case Effect.ExpectStreams e -> ports.streams().expect(e.migration(), e.spec());
      case Effect.DropStreams e -> ports.streams().drop(e.migration());
      case Effect.Tell e -> ports.peers().tell(e.peerUrl(), e.message());
      case Effect.Reply e -> ports.replies().reply(e.ticket(), e.answer());
      case Effect.ReplyPeer e -> ports.replies().reply(e.ticket(), e.word());
    }
  }
}
