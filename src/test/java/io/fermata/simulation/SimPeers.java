package io.fermata.simulation;

import io.fermata.agent.AgentPorts;
import io.fermata.handover.Event;
import io.fermata.handover.HostName;
import io.fermata.handover.message.PeerMessage;
import java.net.URI;
import java.util.Set;
import java.util.TreeSet;

/** How an agent tells another one: one message of a kind and migration at a time, as over HTTP. */
final class SimPeers implements AgentPorts.Peers {
  private static final long PATIENCE = 2 * World.SECOND;

  private final SimHost host;
  private final Surroundings around;
  private final AgentProcess agent;
  private final Set<String> underway = new TreeSet<>();

  SimPeers(SimHost host, Surroundings around, AgentProcess agent) {
    this.host = host;
    this.around = around;
    this.agent = agent;
  }

  @Override
  public void tell(String url, PeerMessage message) {
    agent.effect();
    String key = message.migration() + " " + message.getClass().getSimpleName();
    World world = around.world();
    if (!underway.add(key) || world.lacks(Rule.PEERS_SILENT)) {
      return;
    }
    around.truth().asked(host.name().value(), message.migration(), world.now());
    HostName to = new HostName(URI.create(url).getHost());
    PeerMessage read = around.overWire(message);
    Telling telling = new Telling(key);
    if (around.network().isRefused(host.name().value(), to.value())) {
      long soon = around.network().handshake();
      world.after(soon, host.name() + ": certificate refused", () -> underway.remove(key));
      return;
    }
    Runnable arrive = () -> arrive(to, read, telling);
    around.network().tell(host.name(), to, read, arrive);
    world.after(PATIENCE, host.name() + " has waited for " + to, () -> underway.remove(key));
  }

  /** Who speaks no version of ours, or we none of his, takes nothing and says so. */
  private void arrive(HostName to, PeerMessage message, Telling telling) {
    SimHost there = around.host(to);
    String objection = there.objection(agent.build());
    if (objection == null) {
      there.take(message, word -> answer(to, word, telling));
    } else {
      around
          .network()
          .send(to.value(), host.name().value(), objection, () -> underway.remove(telling.key));
    }
  }

  private void answer(HostName from, PeerMessage.Word word, Telling telling) {
    PeerMessage.Word read = around.overWire(word);
    String label = "Word " + word.standing() + " " + word.migration();
    around.network().send(from.value(), host.name().value(), label, () -> heard(read, telling));
  }

  private void heard(PeerMessage.Word word, Telling telling) {
    if (!telling.answered) {
      telling.answered = true;
      underway.remove(telling.key);
      agent.post(new Event.PeerAnswered(word));
    }
  }

  private static final class Telling {
    private final String key;
    private boolean answered;

    Telling(String key) {
      this.key = key;
    }
  }
}
