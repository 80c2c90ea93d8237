package io.fermata.agent.device.emulated;

import static io.fermata.device.DeviceState.RESUMING;
import static io.fermata.device.DeviceState.STOP_COPY;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fermata.agent.device.Errno;
import io.fermata.agent.device.emulated.DeviceEvent.Kind;
import io.fermata.device.Arcs;
import io.fermata.device.Capabilities;
import io.fermata.device.DeviceState;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FollowsTheKernelsTableTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 5, 7})
  void everyRequestWalksTheKernelsPathOrIsRefusedAndChangesNothing(int flags) {
    Capabilities offered = Capabilities.ofFlags(flags);
    byte[] image = image(flags);
    List<DeviceState> states =
        Arrays.stream(DeviceState.values()).filter(s -> s.code() > 0).toList();
    for (DeviceState from : states.stream().filter(offered::supports).toList()) {
      for (DeviceState to : DeviceState.values()) {
        request(flags, image, from, to);
      }
    }
  }

  private static void request(int flags, byte[] image, DeviceState from, DeviceState to) {
    DeviceSettings settings = Rig.small(EmulatedProfile.GPU, flags).holding("vm");
    EmulatedHost host = Rig.host(new VirtualPace(), settings);
    EmulatedDevice device = host.device(host.devices().getFirst().name());
    device.move(from);
    if (from == RESUMING) {
      Rig.feed(device, image, 4096);
    }
    int before = moves(host).size();
    String story = flags + ": " + from + " to " + to;
    if (Arcs.legal(from, to, device.capabilities())) {
      device.move(to);
      List<DeviceState> path = Arcs.path(from, to, device.capabilities());
      assertEquals(path, moves(host).subList(before, moves(host).size()), story);
      assertEquals(to, device.state(), story);
    } else {
      Rig.refused(Errno.EINVAL, () -> device.move(to));
      assertEquals(from, device.state(), story);
      assertEquals(before, moves(host).size(), story);
    }
  }

  private static List<DeviceState> moves(EmulatedHost host) {
    return host.events().stream().filter(e -> e.kind() == Kind.MOVED).map(DeviceEvent::to).toList();
  }

  private static byte[] image(int flags) {
    EmulatedDevice device = Rig.alone(Rig.small(EmulatedProfile.GPU, flags).holding("vm"));
    device.move(STOP_COPY);
    return Rig.drain(device, 4096);
  }
}
