package io.fermata.agent.device.emulated;

import static io.fermata.device.DeviceState.STOP_COPY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.agent.device.DeviceControl;
import io.fermata.agent.device.emulated.DeviceEvent.Kind;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.device.Hop;
import io.fermata.device.HopPlan;
import io.fermata.device.Member;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Seventeen devices that never stop doing DMA to each other, moved with the barrier and without.
 */
class TheBarrierMattersTest {
  private static final int PIECE = 1 << 20;

  @Test
  void withTheBarrierNothingIsLostAndTheDestinationHoldsWhatTheSourceFroze() throws Exception {
    try (EmulatedHost source = host(DemoSet.source("a", "vm1"), new RealPace());
        EmulatedHost destination = host(DemoSet.destination("b"), new RealPace())) {
      drive(destination, Goal.RESUMING);
      drive(source, Goal.PRE_COPY);
      inParallel(source.devices(), device -> copy(device, destination));
      drive(source, Goal.QUIESCED);
      drive(source, Goal.FROZEN);
      drive(source, Goal.COPYING);
      inParallel(source.devices(), device -> copy(device, destination));
      drive(destination, Goal.STOPPED);
      assertEquals(source.contents(), destination.contents());
      drive(destination, Goal.RUNNING);

      assertTrue(source.tally().delivered() > 17 * 16, "the set did DMA before");
      assertTrue(destination.tally().delivered() > 0, "and does it again");
      for (EmulatedHost host : List.of(source, destination)) {
        assertEquals(0, host.tally().lostDma());
        assertEquals(0, host.tally().changedAfterFreeze());
      }
      source.contents().forEach((name, frozen) -> goesOnCounting(destination, name, frozen));
    }
  }

  private static void goesOnCounting(EmulatedHost host, DeviceName name, Contents frozen) {
    Contents now = host.device(name).contents();
    assertEquals(frozen.identity(), now.identity());
    assertTrue(now.counter() > frozen.counter(), name + " goes on from the counter in the image");
  }

  @Test
  void withCombinationArcsOneAfterAnotherExactlyThisManyAreLost() {
    long first = lostOneAfterAnother();
    assertTrue(first > 0);
    assertEquals(first, lostOneAfterAnother(), "the same each time");
  }

  private static long lostOneAfterAnother() {
    HostSettings settings = DemoSet.source("a", "vm1").ticking(Duration.ZERO);
    try (EmulatedHost source = host(settings, new VirtualPace())) {
      source.devices().forEach(device -> device.move(STOP_COPY));
      // Each device but the last froze while others ran, and each of those told of every sender.
      long told = source.events().stream().filter(e -> e.kind() == Kind.LOST_DMA).count();
      assertEquals(17 * 16 / 2, told);
      return source.tally().lostDma();
    }
  }

  @Test
  void withCombinationArcsAllAtOnceDmaIsLostToo() throws Exception {
    try (EmulatedHost source = host(DemoSet.source("a", "vm1"), new RealPace())) {
      inParallel(source.devices(), device -> device.move(STOP_COPY));
      assertTrue(source.tally().lostDma() > 0);
    }
  }

  @Test
  void aStartOfOneDestinationDeviceBeforeTheOthersAreThawedLosesDma() throws Exception {
    try (EmulatedHost source = host(DemoSet.source("a", "vm1"), new RealPace());
        EmulatedHost destination = host(DemoSet.destination("b"), new RealPace())) {
      drive(destination, Goal.RESUMING);
      inParallel(source.devices(), device -> device.move(STOP_COPY));
      inParallel(source.devices(), device -> copy(device, destination));
      drive(destination, Goal.STOPPED);
      assertEquals(0, destination.tally().lostDma());
      destination.devices().getFirst().move(DeviceState.RUNNING);
      assertTrue(destination.tally().lostDma() >= 16);
    }
  }

  private static EmulatedHost host(HostSettings settings, Pace pace) {
    return new EmulatedHost(settings, pace, SplittableRandom::new);
  }

  /** As an agent does: all planned hops at once, and the next ones when all have answered. */
  private static void drive(EmulatedHost host, Goal goal) throws InterruptedException {
    while (true) {
      List<Member> set =
          host.devices().stream()
              .map(d -> Member.at(d.name(), d.capabilities(), d.state()))
              .toList();
      Map<DeviceName, Hop> hops = HopPlan.next(goal, set);
      if (hops.isEmpty()) {
        return;
      }
      List<DeviceControl> moving =
          host.devices().stream().filter(d -> hops.containsKey(d.name())).toList();
      inParallel(moving, device -> device.move(hops.get(device.name()).to()));
    }
  }

  private static void copy(DeviceControl from, EmulatedHost destination) {
    if (!from.state().isStopped() && from.state() != DeviceState.PRE_COPY) {
      return;
    }
    ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
    DeviceControl to = destination.device(from.name());
    while (from.read(piece.clear()) > 0) {
      to.write(piece.flip());
    }
  }

  private static void inParallel(List<DeviceControl> devices, Consumer<DeviceControl> work)
      throws InterruptedException {
    List<Throwable> failures = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (DeviceControl device : devices) {
      Thread thread = Thread.ofPlatform().unstarted(() -> work.accept(device));
      thread.setUncaughtExceptionHandler((t, e) -> {
        synchronized (failures) {
          failures.add(e);
        }
      });
      threads.add(thread);
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(List.of(), failures);
  }
}
