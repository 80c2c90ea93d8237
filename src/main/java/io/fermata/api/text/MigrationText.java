package io.fermata.api.text;

import io.fermata.api.view.MigrationView.ResolutionView;
import io.fermata.api.view.ProgressView;
import io.fermata.api.view.Scene;
import io.fermata.handover.MigrationId;
import io.fermata.migration.Failure;
import io.fermata.migration.Gate;
import io.fermata.migration.Live;
import io.fermata.migration.Migration;
import io.fermata.migration.Order;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Migrations as people read them: a list of one line each, and one in full. */
public final class MigrationText {
  private static final int[] LIST = {8, 12, 18, 14, 17, 13, 6};
  private static final int[] DEVICES = {16, 16, 13, 13, 24};

  private MigrationText() {}

  /**
   * A page of them.
   *
   * @param footer how many there are in all
   * @param cursor null on the last page
   */
  public static String list(
      List<Scene> scenes,
      Function<MigrationId, String> ids,
      String footer,
      @Nullable String cursor) {
    Sheet sheet = new Sheet();
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("MIGRATION", "VM", "FROM→TO", "PHASE", "PROGRESS", "BLACKOUT(ms)", "AGE"));
    scenes.forEach(scene -> rows.add(row(scene, ids.apply(scene.migration().id()))));
    sheet.table(LIST, rows);
    sheet.line(footer);
    if (cursor != null) {
      return sheet.next(Curl.get("/migrations?cursor=" + cursor));
    }
    return sheet.next(
        scenes.isEmpty()
            ? Curl.get("/hosts")
            : Curl.get("/migrations/" + ids.apply(scenes.getFirst().migration().id())));
  }

  private static List<String> row(Scene scene, String id) {
    Migration migration = scene.migration();
    Order order = migration.order();
    long until = migration.ended() ? migration.phaseSince() : scene.now().toEpochMilli();
    return List.of(
        id,
        order.vm(),
        order.source() + "→" + order.destination(),
        migration.outcome() == null ? migration.phase().name() : migration.outcome().name(),
        Sheet.bar(scene.percent(), 12),
        blackout(scene),
        Times.span(until - migration.created()));
  }

  /** Such as {@code 610/850}, {@code est 720/850}, {@code 610}. */
  static String blackout(Scene scene) {
    long budget = scene.migration().order().blackoutBudgetMillis();
    Double dark = scene.darkMillis();
    String of = budget == 0 ? "" : "/" + budget;
    if (dark != null) {
      return Times.millis(dark) + of;
    }
    if (scene.migration().ended()) {
      return "-";
    }
    Long estimate = scene.estimateMillis();
    return "est " + (estimate == null ? "?" : estimate) + of;
  }

  /** One in full. */
  public static String one(Scene scene, String id) {
    Migration migration = scene.migration();
    Order order = migration.order();
    Sheet sheet = new Sheet();
    sheet.line(head(scene, id));
    sheet.line("progress  " + Sheet.bar(scene.percent(), 30));
    ProgressView progress = ProgressView.of(scene);
    if (progress.stage() != null) {
      sheet.words("", "copy      " + copy(progress));
    }
    String beyond =
        order.blackoutBudgetMillis() == 0
            ? ", no budget"
            : ", beyond its budget: " + lower(order.onBudgetExceeded());
    sheet.line("blackout  " + blackout(scene) + " ms" + beyond);
    Failure failure = migration.failure();
    if (failure != null) {
      sheet.words("", "error     " + failure.code() + ": " + failure.detail());
    }
    for (Gate gate : migration.gates()) {
      sheet.line(gate(gate));
    }
    if (told(scene.live().source()) || told(scene.live().destination())) {
      devices(sheet, progress);
    } else {
      sheet.line("devices   " + order.devices().size());
    }
    ResolutionView decided = ResolutionView.of(migration.resolution());
    if (decided != null) {
      sheet.words(
          "",
          "resolved by "
              + decided.actor()
              + ", who keeps the "
              + decided.keep()
              + " on the evidence "
              + decided.evidence()
              + ": "
              + decided.reason());
    }
    String more = order.reason() == null ? "" : ", reason: " + order.reason();
    sheet.words(
        "",
        "started by "
            + migration.actor()
            + " ("
            + migration.trigger()
            + ", attempt "
            + migration.attempt()
            + ", priority "
            + order.priority()
            + ")"
            + more);
    return sheet.next(Curl.get("/migrations/" + id + next(migration)));
  }

  private static String head(Scene scene, String id) {
    Migration migration = scene.migration();
    Order order = migration.order();
    String where = order.source() + "→" + order.destination();
    String phase = migration.outcome() == null ? "" : " " + migration.outcome();
    long since = scene.now().toEpochMilli() - migration.phaseSince();
    return id
        + "  "
        + Sheet.cut(order.vm(), 24)
        + "  "
        + Sheet.cut(where, 40)
        + "  "
        + migration.phase()
        + phase
        + " for "
        + Times.span(since);
  }

  static String gate(Gate gate) {
    return "gate      "
        + Sheet.pad(gate.name().name(), 9)
        + Times.millis(gate.elapsedNanos() / 1e6)
        + " ms (slowest device "
        + Times.millis(gate.slowestNanos() / 1e6)
        + ", skew "
        + Times.millis(gate.skewNanos() / 1e6)
        + ", last "
        + Sheet.cut(gate.last(), 20)
        + ")";
  }

  /** Before the first word of an agent and after the end there is nothing to tell of devices. */
  private static boolean told(Live.@Nullable SideView side) {
    return side != null && side.report() != null;
  }

  /** How the copy goes, while one goes on. */
  private static String copy(ProgressView progress) {
    String now =
        "%s of %s at %s/s"
            .formatted(
                Times.bytes(progress.bytesDone()),
                Times.bytes(progress.bytesTotal()),
                Times.bytes(progress.rate()));
    if (!"preCopy".equals(progress.stage())) {
      return now;
    }
    Long stalled = progress.stalledMs();
    Long blackout = progress.projectedBlackoutMs();
    return now
        + ", %s left, at best %s%s, if it went dark now for %s ms"
            .formatted(
                Times.bytes(progress.remaining()),
                Times.bytes(progress.bestRemaining()),
                stalled == null || stalled == 0 ? "" : " " + Times.span(stalled) + " ago",
                blackout == null ? "?" : blackout.toString());
  }

  private static void devices(Sheet sheet, ProgressView progress) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("SOURCE", "DESTINATION", "STATE", "STATE", "BYTES"));
    for (ProgressView.DeviceProgress device : progress.devices()) {
      rows.add(
          List.of(
              device.source(),
              device.destination(),
              device.sourceState() == null ? "?" : device.sourceState().name(),
              device.destinationState() == null ? "?" : device.destinationState().name(),
              Times.bytes(device.bytesDone()) + " of " + Times.bytes(device.bytesTotal())));
    }
    sheet.table(DEVICES, rows);
  }

  private static String next(Migration migration) {
    return migration.ended() ? "/timeline" : "/explain";
  }

  private static String lower(Enum<?> word) {
    return word.name().toLowerCase(Locale.ROOT);
  }
}
