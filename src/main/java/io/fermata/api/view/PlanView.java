package io.fermata.api.view;

import io.fermata.api.text.Curl;
import io.fermata.api.text.Sheet;
import io.fermata.api.text.Times;
import io.fermata.migration.Checks.Check;
import io.fermata.migration.Order;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A dry run: whether it would start, how long the guest would be dark, in what order things would
 * happen. Nothing is touched.
 *
 * @param feasible whether no check forbids it
 * @param expires until when it may be believed
 */
public record PlanView(
    String vm,
    String source,
    String destination,
    List<MigrationView.PairView> devices,
    boolean feasible,
    List<CheckView> checks,
    MigrationView.EstimateView blackout,
    List<Step> order,
    Instant expires) {

  /** One check. */
  public record CheckView(
      String id,
      String result,
      String detail,
      @Nullable String fix,
      @Nullable String host,
      @Nullable String device) {
    /** What the check says. */
    public static CheckView of(Check check) {
      return new CheckView(
          check.id(),
          check.verdict().name().toLowerCase(java.util.Locale.ROOT),
          check.detail(),
          check.fix(),
          check.host(),
          check.device());
    }
  }

  /**
   * One phase of what would happen.
   *
   * @param gate which gate ends it, or null
   */
  public record Step(String phase, String what, @Nullable String gate) {}

  /** The plan as people read it. */
  public String text() {
    Sheet sheet = new Sheet();
    sheet.line(
        "PLAN  "
            + vm
            + "  "
            + source
            + "→"
            + destination
            + "  "
            + devices.size()
            + " devices: "
            + (feasible ? "would start" : "would be refused"));
    for (CheckView check : checks) {
      sheet.words("  ", Sheet.pad(check.result(), 5) + " " + check.id() + ": " + check.detail());
      if (check.fix() != null) {
        sheet.words("        ", "fix: " + check.fix());
      }
    }
    MigrationView.EstimateParts parts = blackout.parts();
    sheet.line(
        "blackout estimate "
            + Times.span(blackout.estimateMs())
            + " = copy "
            + Times.span(parts.copyMs())
            + " ("
            + Times.bytes(parts.bytes())
            + " at "
            + Times.bytes(parts.bytesPerSecond())
            + "/s) + fixed "
            + Times.span(parts.fixedMs())
            + "; basis "
            + blackout.basis());
    sheet.line("budget " + (blackout.budgetMs() == null ? "none" : blackout.budgetMs() + " ms"));
    for (Step step : order) {
      String gate = step.gate() == null ? "" : "  | gate " + step.gate();
      sheet.line("  " + Sheet.pad(step.phase(), 11) + step.what() + gate);
    }
    sheet.line("believe it until " + expires);
    return sheet.next(feasible ? start() : Curl.get("/hosts/" + source + "/devices"));
  }

  private String start() {
    return Curl.post("/migrations", "vm=" + vm, "source=" + source, "destination=" + destination);
  }

  /** The phases that the order would go through. */
  public static List<Step> steps(Order order, boolean early) {
    Step before =
        early
            ? new Step("PRECOPYING", "RUNNING→PRE_COPY where the driver can; the guest runs", null)
            : new Step("PRECOPYING", "left out: no device of the set pre-copies", null);
    return List.of(
        new Step("CHECKING", "the checks once more", null),
        new Step("PREPARING", order.destination() + " →RESUMING, both sides claimed", null),
        before,
        new Step("QUIESCING", "all " + order.source() + " devices →RUNNING_P2P", "QUIESCED"),
        new Step("FREEZING", "all →STOP", "FROZEN"),
        new Step("COPYING", "streams end, all " + order.destination() + " →STOP", "LOADED"),
        new Step("SEALING", order.source() + " gives the right to run away", null),
        new Step("RESUMING", "all →RUNNING_P2P, then all →RUNNING", "THAWED, RUNNING"),
        new Step("CLEANING", order.source() + " resets and releases its devices", null));
  }
}
