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
  private long numbers;

  SimPeers(SimHost host, Surroundings around, AgentProcess agent) {
    this.host = host;
    this.around = around;
    this.agent = agent;
  }

  @Override
  public void tell(String url, PeerMessage message) {
    agent.effect();
    String key = message.migration() + " " + message.getClass().getSimpleName();
    if (!underway.add(key)) {
      return;
    }
    World world = around.world();
    around.truth().asked(host.name().value(), message.migration(), world.now());
    HostName to = new HostName(URI.create(url).getHost());
    byte[] bytes = around.codec().write(message);
    numbers++;
    Telling telling = new Telling(key, numbers);
    String label = message.getClass().getSimpleName() + " " + message.migration();
    around
        .network()
        .send(
            host.name().value(),
            to.value(),
            label,
            () -> around.host(to).take(read(bytes), word -> answer(to, word, telling)));
    world.after(PATIENCE, host.name() + " has waited for " + to, () -> underway.remove(key));
  }

  private PeerMessage read(byte[] bytes) {
    return around.codec().read(bytes, PeerMessage.class);
  }

  private void answer(HostName from, PeerMessage.Word word, Telling telling) {
    byte[] bytes = around.codec().write(word);
    String label = "Word " + word.standing() + " " + word.migration();
    around.network().send(from.value(), host.name().value(), label, () -> heard(bytes, telling));
  }

  private void heard(byte[] bytes, Telling telling) {
    if (!telling.answered) {
      telling.answered = true;
      underway.remove(telling.key);
      agent.post(new Event.PeerAnswered(around.codec().readAnswer(bytes, PeerMessage.Word.class)));
    }
  }

  private static final class Telling {
    private final String key;
    private boolean answered;

    Telling(String key, long number) {
      this.key = key;
      this.answered = number < 0;
    }
  }
}
