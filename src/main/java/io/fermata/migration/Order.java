package io.fermata.migration;

import io.fermata.device.DeviceName;
import io.fermata.handover.HostName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for: which set goes where, and on what terms. Complete: every default is filled
 * in.
 *
 * @param devices the whole set, as pairs of a source and a destination device
 * @param blackoutBudgetMillis how long the guest may be dark; 0 means no budget
 * @param reason why, in the caller's words, or null
 */
public record Order(
    String vm,
    HostName source,
    HostName destination,
    List<Pair> devices,
    PreCopyTerms preCopy,
    long blackoutBudgetMillis,
    OnBudgetExceeded onBudgetExceeded,
    @Nullable String reason,
    String priority) {
  public Order {
    devices = List.copyOf(devices);
  }

  /** One device and what it becomes. */
  public record Pair(DeviceName source, DeviceName destination) {}

  /**
   * How pre-copy goes.
   *
   * @param enabled whether devices that can are copied while the guest runs
   * @param maxSeconds after which the barrier begins whatever is left
   * @param switchoverBelowBytes what may be left when the barrier begins
   */
  public record PreCopyTerms(boolean enabled, int maxSeconds, long switchoverBelowBytes) {}

  /** What happens when the budget is used up before the commit decision. */
  public enum OnBudgetExceeded {
    ABORT,
    CONTINUE
  }

  /** The same order with another priority. */
  public Order withPriority(Priority other) {
    return new Order(
        vm,
        source,
        destination,
        devices,
        preCopy,
        blackoutBudgetMillis,
        onBudgetExceeded,
        reason,
        other.word());
  }

  /** The same order with another budget. */
  public Order withBudget(long millis) {
    return new Order(
        vm, source, destination, devices, preCopy, millis, onBudgetExceeded, reason, priority);
  }
}
