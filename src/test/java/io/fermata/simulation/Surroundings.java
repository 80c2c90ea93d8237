package io.fermata.simulation;

import io.fermata.handover.HostName;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Request;
import io.fermata.wire.Codec;
import java.util.SortedMap;

/**
 * What a process finds around it.
 *
 * @param leases the clock of the database, by which the leases of replicas count
 */
record Surroundings(
    World world,
    Truth truth,
    SimNetwork network,
    Codec codec,
    SortedMap<HostName, SimHost> hosts,
    SimClock leases) {

  /** What the receiver reads of a request; a fault of the codec would surface here. */
  Request overWire(Request request) {
    return wire() ? codec.request(Codec.type(request), codec.write(request)) : request;
  }

  Answer overWire(Answer answer) {
    return wire() ? codec.readAnswer(codec.write(answer), Answer.class) : answer;
  }

  PeerMessage overWire(PeerMessage message) {
    return wire() ? codec.read(codec.write(message), PeerMessage.class) : message;
  }

  PeerMessage.Word overWire(PeerMessage.Word word) {
    return wire() ? codec.readAnswer(codec.write(word), PeerMessage.Word.class) : word;
  }

  private boolean wire() {
    return world.options().wire();
  }

  SimHost host(HostName name) {
    SimHost host = hosts.get(name);
    if (host == null) {
      throw new IllegalArgumentException("no host " + name);
    }
    return host;
  }
}
