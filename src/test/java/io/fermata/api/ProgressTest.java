package io.fermata.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.api.view.Scenes;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.handover.Epoch;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.DeviceReport;
import io.fermata.migration.Flow;
import io.fermata.migration.Live;
import io.fermata.migration.Migrations.Submission;
import io.fermata.migration.Note;
import io.fermata.migration.Order;
import io.fermata.migration.Phase;
import io.fermata.migration.Trigger;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What a migration says of its copy; each device's driver speaks of 64 MB in all. */
class ProgressTest {
  private static final long MB = 1_000_000;
  private static final Note LIVE =
      new Note.Moved(Phase.PREPARING, Phase.PRECOPYING, Trigger.PREPARED_LIVE, null);
  private static final Note DARK =
      new Note.Moved(Phase.FREEZING, Phase.COPYING, Trigger.FROZEN, null);

  /** What was shown is remembered for each: a test has one of its own. */
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final String id = "mig7%04d".formatted(NUMBER.incrementAndGet());
  private final ApiServer api = ApiServer.fresh();
  private Flow flow = Flow.NONE;
  private long sequence;

  @Test
  void aPreCopySaysWhatItDidAndWhereItLeads() {
    second(0, LIVE, gpu(0, 64 * MB), nic(0, 64 * MB));
    second(1, LIVE, gpu(20 * MB, 30 * MB), nic(20 * MB, 30 * MB));
    JsonNode progress = second(2, LIVE, gpu(40 * MB, 40 * MB), nic(40 * MB, 40 * MB));
    assertEquals("preCopy", progress.get("stage").stringValue());
    assertEquals(80 * MB, progress.get("bytesDone").longValue());
    assertEquals(160 * MB, progress.get("bytesTotal").longValue());
    assertEquals(40 * MB, progress.get("rate").longValue());
    assertEquals(80 * MB, progress.get("remaining").longValue());
    assertEquals(60 * MB, progress.get("bestRemaining").longValue());
    assertEquals(1_000, progress.get("stalledMs").longValue());
    // 80 MB at 40 MB a second, and 200 ms for hops that nobody has learned yet
    assertEquals(2_200, progress.get("projectedBlackoutMs").longValue());
    String text = api.get("/migrations/" + id + "?o=text").body();
    assertTrue(text.contains("copy      76.3 MiB of 152.6 MiB at 38.1 MiB/s, 76.3 MiB left"), text);
    assertTrue(text.replaceAll("\\s+", " ").contains("at best 57.2 MiB 1.0s ago"), text);
    assertTrue(text.replaceAll("\\s+", " ").contains("dark now for 2200 ms"), text);
  }

  /** The guest may write as it likes. */
  @Test
  void noBarRunsBack() {
    int before = 0;
    long[] left = {64, 10, 60, 2, 90, 1, 500};
    for (int i = 0; i < left.length; i++) {
      JsonNode progress = second(i, LIVE, gpu(i * MB, left[i] * MB), nic(i * MB, left[i] * MB));
      int percent = progress.get("percent").intValue();
      assertTrue(percent >= before, percent + " after " + before);
      assertEquals(2 * left[i] * MB, progress.get("remaining").longValue());
      before = percent;
    }
    assertTrue(before > 40, "it had all but come through once: " + before);
  }

  /** A queue that is longer than what is remembered. */
  @Test
  void noBarRunsBackBecauseManyOthersWait() {
    second(0, LIVE, gpu(60 * MB, MB), nic(60 * MB, MB));
    int high = progress().get("percent").intValue();
    Scenes scenes = api.context.getBean(Scenes.class);
    for (int i = 0; i < 10_001; i++) {
      var waits = FakeMigrations.fresh("other" + (100_000 + i), submission(false));
      var scene = scenes.of(new Live(waits, null, null, List.of(), null, i + 1));
      assertEquals(0, scene.percent());
    }
    JsonNode progress = second(1, LIVE, gpu(60 * MB, 64 * MB), nic(60 * MB, 64 * MB));
    assertEquals(high, progress.get("percent").intValue());
  }

  @Test
  void whatCannotBeKnownIsNull() {
    JsonNode progress = second(0, LIVE, gpu(MB, null), nic(MB, 5 * MB));
    for (String word :
        List.of("rate", "remaining", "bestRemaining", "stalledMs", "projectedBlackoutMs")) {
      assertTrue(progress.get(word).isNull(), word);
    }
    assertTrue(progress.get("bytesTotal").isNull());
    String text = api.get("/migrations/" + id + "?o=text").body();
    assertTrue(text.contains("copy      1.9 MiB of ? at ?/s, ? left, at best ?"), text);
  }

  @Test
  void whoCannotPreCopyIsWhollyForTheBlackout() {
    second(0, LIVE, gpu(0, 64 * MB), runs());
    JsonNode progress = second(1, LIVE, gpu(60 * MB, 6 * MB), runs());
    assertEquals(6 * MB, progress.get("remaining").longValue());
    // 70 MB at 60 MB a second
    assertEquals(1_167 + 200, progress.get("projectedBlackoutMs").longValue());
  }

  @Test
  void nothingLeftCostsItsHopsAndAnIdleWayIsNoSlowOne() {
    second(0, LIVE, gpu(0, 64 * MB), nic(0, 64 * MB));
    second(1, LIVE, gpu(30 * MB, 34 * MB), nic(30 * MB, 34 * MB));
    assertEquals(
        200,
        second(2, LIVE, gpu(64 * MB, 0L), nic(64 * MB, 0L)).get("projectedBlackoutMs").longValue());
    second(9, LIVE, gpu(64 * MB, 0L), nic(64 * MB, 0L));
    JsonNode dirty = second(10, LIVE, gpu(64 * MB, 6 * MB), nic(64 * MB, 0L));
    assertTrue(dirty.get("rate").longValue() < MB * 10, dirty::toString);
    assertTrue(dirty.get("projectedBlackoutMs").longValue() < 500, dirty::toString);
  }

  @Test
  void inTheDarkOnlyWhatIsCopiedThereMovesTheBar() {
    second(0, LIVE, gpu(100 * MB, 4 * MB), nic(100 * MB, 4 * MB));
    JsonNode begun = second(1, DARK, frozen("gpu0", 100 * MB), frozen("nic0", 100 * MB));
    assertEquals("stopCopy", begun.get("stage").stringValue());
    assertEquals(65, begun.get("percent").intValue());
    assertEquals(208 * MB, begun.get("bytesTotal").longValue(), "what the drivers said last");
    assertTrue(begun.get("remaining").isNull());
    JsonNode half = second(2, DARK, frozen("gpu0", 102 * MB), frozen("nic0", 102 * MB));
    assertEquals(65 + 13, half.get("percent").intValue());
    assertTrue(half.get("rate").longValue() > 0);
    String text = api.get("/migrations/" + id + "?o=text").body();
    assertTrue(text.contains("copy      194.5 MiB of 198.4 MiB at "), text);
  }

  /** An orchestrator that was restarted in the dark has not heard how much went out before. */
  @Test
  void anImageWithChangesInItIsNotAsLargeAsTheDriversState() {
    JsonNode progress = second(0, DARK, frozen("gpu0", 100 * MB), frozen("nic0", MB));
    assertTrue(progress.get("bytesTotal").isNull(), progress::toString);
    assertEquals(65, progress.get("percent").intValue());
  }

  private JsonNode second(long second, Note reached, DeviceReport... devices) {
    sequence++;
    ClaimReport report = report(List.of(devices));
    flow = flow.after(report, second * 1_000_000_000);
    var clock = new Live.ClockMapping(0, 0);
    var side = new Live.SideView(report, 1L, null, 0, null, List.of(), clock, flow);
    var migration = FakeMigrations.fresh(id, submission(true)).with(List.of(reached), sequence);
    api.migrations.put(new Live(migration, side, null, List.of(), null, null));
    return progress();
  }

  private JsonNode progress() {
    return ApiServer.json(api.get("/migrations/" + id)).get("progress");
  }

  private ClaimReport report(List<DeviceReport> devices) {
    return new ClaimReport(
        new MigrationId(id),
        Side.SOURCE,
        sequence,
        new Epoch(1, "o1"),
        ClaimReport.Standing.OPEN,
        Goal.PRE_COPY,
        ClaimReport.Progress.REACHED,
        ClaimReport.GuestState.RUNNING,
        null,
        List.of(),
        devices,
        List.of(),
        0);
  }

  private static Submission submission(boolean live) {
    Order order =
        new Order(
            "vm-1",
            new HostName("host-a"),
            new HostName("host-b"),
            List.of(pair("gpu0"), pair("nic0")),
            new Order.PreCopyTerms(live, 60, 0),
            850,
            Order.OnBudgetExceeded.ABORT,
            null,
            "user");
    return new Submission(order, "me", "api", 1, null, null);
  }

  private static Order.Pair pair(String device) {
    return new Order.Pair(new DeviceName(device), new DeviceName(device));
  }

  private static DeviceReport gpu(long moved, @Nullable Long left) {
    return device("gpu0", DeviceState.PRE_COPY, moved, left);
  }

  private static DeviceReport nic(long moved, @Nullable Long left) {
    return device("nic0", DeviceState.PRE_COPY, moved, left);
  }

  private static DeviceReport runs() {
    return device("nic0", DeviceState.RUNNING, 0, null);
  }

  private static DeviceReport frozen(String name, long moved) {
    return device(name, DeviceState.STOP_COPY, moved, null);
  }

  private static DeviceReport device(
      String name, DeviceState state, long moved, @Nullable Long left) {
    return new DeviceReport(new DeviceName(name), state, null, 0, null, moved, left, 0);
  }
}
