package io.fermata.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fermata.device.DeviceState;
import io.fermata.handover.HostName;
import io.fermata.simulation.Truth.Thing;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whom barrier and guest concern: all of the set, and nothing that the guest left behind. */
class TruthTest {
  private static final Thing GPU = new Held("d0", DeviceState.STOP_COPY, 0, 7);
  private static final Thing NIC = new Held("d1", DeviceState.RUNNING, 1, 8);
  private static final Thing LEFT = new Held("d4", DeviceState.STOP_COPY, 1, 3);

  private record Held(String name, DeviceState state, Content content) implements Thing {
    Held(String name, DeviceState state, int slot, long version) {
      this(name, state, new Content("vm", slot, version));
    }

    @Override
    public HostName host() {
      return new HostName("host-a");
    }
  }

  @Test
  void everyPartOfTheGuestCounts() {
    assertEquals(List.of(GPU, NIC), Truth.set(List.of(NIC, GPU)));
  }

  @Test
  void whatIsStillToBeWipedDoesNotCountWhereThePartIsNewer() {
    assertEquals(List.of(GPU, NIC), Truth.set(List.of(GPU, NIC, LEFT)));
    assertEquals(List.of(GPU, NIC), Truth.set(List.of(LEFT, GPU, NIC)));
    assertEquals(List.of(GPU, LEFT), Truth.set(List.of(GPU, LEFT)), "alone it is the newest");
  }
}
