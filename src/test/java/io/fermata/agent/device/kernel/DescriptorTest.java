package io.fermata.agent.device.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.agent.device.Errno;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A number is closed once, and never under a call. */
class DescriptorTest {
  private final FakeKernel kernel = new FakeKernel();
  private final int number = (int) kernel.open("/dev/iommu", 0x80002);
  private final Descriptor descriptor = new Descriptor(kernel, number, Errno.ENODEV);

  @Test
  void anEndedDescriptorAnswersItsErrnoAndReachesNoKernel() {
    descriptor.end();
    descriptor.end();
    assertTrue(descriptor.hasEnded());
    assertEquals(-19, descriptor.call(n -> 1));
    assertTrue(kernel.open.isEmpty());
    assertTrue(kernel.onClosedNumbers.isEmpty(), "closed once");
  }

  @Test
  void endingWaitsForNobodyAndTheLastCallCloses() throws InterruptedException, ExecutionException {
    CountDownLatch inside = new CountDownLatch(2);
    CountDownLatch release = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      List<Future<Long>> calls = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        calls.add(
            threads.submit(() ->
                descriptor.call(n -> {
                  inside.countDown();
                  await(release);
                  return kernel.open.containsKey(n) ? 1 : 0;
                })));
      }
      inside.await();
      descriptor.end();
      assertEquals(1, kernel.open.size());
      release.countDown();
      for (Future<Long> call : calls) {
        assertEquals(1, call.get());
      }
    }
    assertTrue(kernel.open.isEmpty());
    assertTrue(kernel.onClosedNumbers.isEmpty());
  }

  @Test
  void noCallOfManyEverSeesAClosedNumber() throws InterruptedException, ExecutionException {
    for (int round = 0; round < 50; round++) {
      AtomicBoolean open = new AtomicBoolean(true);
      AtomicInteger late = new AtomicInteger();
      AtomicInteger closings = new AtomicInteger();
      Descriptor shared =
          new Descriptor(
              new CountingClose(() -> {
                open.set(false);
                closings.incrementAndGet();
              }),
              5,
              Errno.ENODEV);
      try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
        Runnable calls =
            () -> {
              while (shared.call(n -> open.get() ? 1 : late.incrementAndGet()) >= 0) {
                Thread.onSpinWait();
              }
            };
        Future<?> one = threads.submit(calls);
        Future<?> two = threads.submit(calls);
        threads.submit(shared::end).get();
        one.get();
        two.get();
      }
      assertEquals(0, late.get());
      assertEquals(1, closings.get());
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }

  /** A kernel of which only close(2) is used. */
  private record CountingClose(Runnable onClose) implements Libc {
    @Override
    public long open(String path, int flags) {
      throw new AssertionError("open");
    }

    @Override
    public long ioctl(int descriptor, long request, MemorySegment argument) {
      throw new AssertionError("ioctl");
    }

    @Override
    public long ioctl(int descriptor, long request, long argument) {
      throw new AssertionError("ioctl");
    }

    @Override
    public long read(int descriptor, MemorySegment into) {
      throw new AssertionError("read");
    }

    @Override
    public long write(int descriptor, MemorySegment from) {
      throw new AssertionError("write");
    }

    @Override
    public long close(int descriptor) {
      onClose.run();
      return 0;
    }
  }
}
