package io.fermata.agent;

import io.fermata.agent.device.DeviceControl;
import io.fermata.agent.device.DeviceProfile;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.handover.Claim;
import io.fermata.handover.Claims;
import io.fermata.handover.MigrationId;
import io.fermata.handover.message.ClaimReport;
import io.fermata.wire.AgentStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes the status out of claims, devices and what was read of them last. */
record StatusView(Claims claims, DeviceThreads threads, HostDevices devices) {
  private static final long NANOS_PER_MILLI = 1_000_000;

  AgentStatus at(long now, HostAgent agent) {
    List<AgentStatus.Claimed> held = new ArrayList<>();
    for (Claim claim : claims.all()) {
      if (claim.holdsDevices()) {
        held.add(line(claim));
      }
    }
    List<AgentStatus.Device> seen = new ArrayList<>();
    devices.held().forEach(device -> seen.add(device(device, now)));
    return new AgentStatus(
        agent.host(),
        agent.identity().process(),
        agent.identity().version(),
        agent.versions(),
        agent.incarnation(),
        claims.quiet().orElse(null),
        now,
        agent.dataPlane(),
        seen,
        devices.unavailable(),
        held,
        claims.all().size() - held.size(),
        agent.guests().view());
  }

  private static AgentStatus.Claimed line(Claim claim) {
    ClaimReport report = claim.report(Integer.MAX_VALUE); // without the hops
    return new AgentStatus.Claimed(
        claim.migration(),
        claim.side(),
        report.standing(),
        report.goal(),
        report.progress(),
        claim.spec().vm(),
        claim.spec().peer());
  }

  private AgentStatus.Device device(DeviceControl device, long now) {
    DeviceName name = device.name();
    DeviceProfile profile = device.profile();
    Claims.Holding holding = claims.devices().get(name);
    MigrationId holder = claims.holder(name).map(Claim::migration).orElse(null);
    if (holder == null) {
      threads.refresh(name); // a claimed device's hops must not wait behind a look
    }
    Optional<DeviceThreads.Sight> sight = threads.sight(name);
    return new AgentStatus.Device(
        name,
        new AgentStatus.Profile(
            profile.backend(), profile.driver(), profile.model(), profile.parent()),
        device.capabilities(),
        sight.map(DeviceThreads.Sight::state).orElse(DeviceState.UNKNOWN),
        sight.map(s -> (now - s.nanos()) / NANOS_PER_MILLI).orElse(null),
        holding == null ? null : holding.vm(),
        holder,
        sight.map(DeviceThreads.Sight::dataSize).orElse(null));
  }
}
