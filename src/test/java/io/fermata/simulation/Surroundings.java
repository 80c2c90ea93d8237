package io.fermata.simulation;

import io.fermata.handover.HostName;
import io.fermata.wire.Codec;
import java.util.SortedMap;

/** What a process finds around it. */
record Surroundings(
    World world, Truth truth, SimNetwork network, Codec codec, SortedMap<HostName, SimHost> hosts) {

  SimHost host(HostName name) {
    SimHost host = hosts.get(name);
    if (host == null) {
      throw new IllegalArgumentException("no host " + name);
    }
    return host;
  }
}
