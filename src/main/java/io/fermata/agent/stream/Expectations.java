package io.fermata.agent.stream;

import io.fermata.device.DeviceName;
import io.fermata.handover.MigrationId;
import io.fermata.wire.frame.Frame.Hello;
import io.fermata.wire.frame.Frame.Refused;
import io.fermata.wire.frame.Frame.Resume;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** The claims whose streams this host takes. */
final class Expectations {
  private final Map<DeviceName, Lane> lanes;
  private final long graceNanos;
  private final Map<MigrationId, Expectation> open = new HashMap<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition added = lock.newCondition();

  Expectations(Map<DeviceName, Lane> lanes, long graceMillis) {
    this.lanes = lanes;
    this.graceNanos = TimeUnit.MILLISECONDS.toNanos(graceMillis);
  }

  /** What became of a greeting. */
  sealed interface Admission {
    /**
     * Let in.
     *
     * @param attempt which of the image's connections it is; the first is 0
     */
    record Taken(Expectation claim, Lane lane, Incoming image, int attempt) implements Admission {}

    record Turned(Refused refused) implements Admission {}
  }

  /** Said again it changes nothing; another spec ends what was expected before. */
  void expect(Expectation claim) {
    lock.lock();
    try {
      Expectation before = open.get(claim.migration());
      if (before != null && before.spec().equals(claim.spec())) {
        return;
      }
      if (before != null) {
        before.drop();
      }
      open.put(claim.migration(), claim);
      added.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void drop(MigrationId migration) {
    lock.lock();
    try {
      Expectation claim = open.remove(migration);
      if (claim != null) {
        claim.drop();
      }
    } finally {
      lock.unlock();
    }
  }

  void dropAll() {
    lock.lock();
    try {
      List.copyOf(open.keySet()).forEach(this::drop);
    } finally {
      lock.unlock();
    }
  }

  /** Waits a moment for a claim that is not there yet. */
  Admission admit(Hello hello, Link link) {
    return with(hello, (claim, lane) -> claim.admit(hello, lane, link));
  }

  /** The same for a stream that has lost its connection. */
  Admission resume(Resume resume, Link link) {
    return with(resume.hello(), (claim, lane) -> claim.resume(resume, lane, link));
  }

  private Admission with(Hello hello, BiFunction<Expectation, Lane, Admission> judge) {
    Expectation claim = await(hello.migration());
    if (claim == null) {
      return turned(Refused.Code.MIGRATION, "nobody expects streams of " + hello.migration());
    }
    Lane lane = lanes.get(hello.device());
    if (lane == null) {
      return turned(Refused.Code.DEVICE, "there is no " + hello.device() + " on this host");
    }
    return judge.apply(claim, lane);
  }

  private @Nullable Expectation await(MigrationId migration) {
    long left = graceNanos;
    lock.lock();
    try {
      while (!open.containsKey(migration) && left > 0) {
        left = added.awaitNanos(left);
      }
      return open.get(migration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    } finally {
      lock.unlock();
    }
  }

  private static Admission turned(Refused.Code code, String detail) {
    return new Admission.Turned(new Refused(code, detail));
  }
}
