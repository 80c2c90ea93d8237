package io.fermata.migration.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fermata.device.DeviceName;
import io.fermata.fleet.Fleet;
import io.fermata.fleet.HostView;
import io.fermata.fleet.HostView.AgentState;
import io.fermata.handover.Epoch;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.metrics.Instruments;
import io.fermata.migration.Evidence;
import io.fermata.migration.Failure;
import io.fermata.migration.Intake;
import io.fermata.migration.Latencies;
import io.fermata.migration.Limits;
import io.fermata.migration.Live;
import io.fermata.migration.Migration;
import io.fermata.migration.Migration.Blackout;
import io.fermata.migration.Moment;
import io.fermata.migration.Note;
import io.fermata.migration.Onlooker;
import io.fermata.migration.Order;
import io.fermata.migration.Outcome;
import io.fermata.migration.Phase;
import io.fermata.migration.Terms;
import io.fermata.migration.Trigger;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What is counted of migrations that go wrong, by the loop's own words and a clock held by hand.
 */
class MigrationMetricsTest {
  private static final long MILLION = 1_000_000;
  private static final long BUDGET = 1_000;

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final Hosts fleet = new Hosts();
  private long now = 10_000;
  private final MigrationMetrics metrics =
      new MigrationMetrics(
          new Instruments(registry),
          new MigrationMetrics.Surroundings(fleet, new Latencies(), clock()),
          Terms.usual());

  private static final Onlooker.Sides NOTHING_SEEN =
      side ->
          new Live.SideView(
              null, null, null, 0, null, List.of(), new Live.ClockMapping(0, Long.MAX_VALUE));

  private static final class Hosts implements Fleet {
    private AgentState source = AgentState.READY;

    @Override
    public List<HostView> hosts() {
      return List.of(view("host-a", source), view("host-b", AgentState.READY));
    }

    private static HostView view(String name, AgentState state) {
      URI at = URI.create("http://" + name);
      HostName host = new HostName(name);
      return new HostView(
          host, at, null, Map.of(), true, state, "1", 1, null, null, null, List.of());
    }

    @Override
    public Optional<HostView> host(HostName name) {
      return hosts().stream().filter(host -> host.name().equals(name)).findFirst();
    }

    @Override
    public Optional<HostView> refresh(HostName name) {
      return host(name);
    }
  }

  private Moment clock() {
    return new Moment() {
      @Override
      public long epochNanos() {
        return now * MILLION;
      }

      @Override
      public long monotonicNanos() {
        return now * MILLION;
      }
    };
  }

  @AfterEach
  void close() {
    metrics.close();
  }

  private Migration begun(String id) {
    DeviceName device = new DeviceName("gpu0");
    var order =
        new Order(
            "vm",
            new HostName("host-a"),
            new HostName("host-b"),
            List.of(new Order.Pair(device, device)),
            new Order.PreCopyTerms(false, 10, 0),
            BUDGET,
            Order.OnBudgetExceeded.ABORT,
            null,
            "user");
    Migration m =
        new Migration(
            new MigrationId(id),
            order,
            "token",
            1,
            null,
            "api",
            "test",
            Phase.QUEUED,
            null,
            null,
            new Epoch(1, "me"),
            1,
            now,
            now,
            null,
            false,
            null,
            Evidence.NONE,
            List.of(),
            0,
            null,
            null);
    metrics.began(m);
    return m;
  }

  private Migration next(Migration before, Note... notes) {
    Migration after = before.with(List.of(notes), now);
    metrics.became(before, after, List.of(notes));
    return after;
  }

  private Migration dark(String id) {
    Migration m = next(begun(id), moved(Phase.QUEUED, Phase.PREPARING, Trigger.ADMITTED));
    return next(
        m, new Note.WentDark(), moved(Phase.PREPARING, Phase.QUIESCING, Trigger.PREPARED_DIRECT));
  }

  private static Note moved(Phase from, Phase to, Trigger on) {
    return new Note.Moved(from, to, on, null);
  }

  private static Note ended(Phase from, Trigger on, Outcome outcome) {
    return new Note.Moved(from, Phase.DONE, on, outcome);
  }

  private double value(String name, String... labels) {
    return registry.scrape().stream()
        .filter(metric -> metric.getMetadata().getName().equals(name))
        .flatMap(MigrationMetricsTest::points)
        .filter(point -> List.of(labels).stream().allMatch(point.labels()::contains))
        .mapToDouble(Point::value)
        .sum();
  }

  private record Point(String labels, double value) {}

  private static Stream<Point> points(MetricSnapshot metric) {
    return switch (metric) {
      case CounterSnapshot all -> all.getDataPoints().stream().map(p -> point(p, p.getValue()));
      case GaugeSnapshot all -> all.getDataPoints().stream().map(p -> point(p, p.getValue()));
      case HistogramSnapshot all ->
          all.getDataPoints().stream().map(p -> point(p, (double) p.getCount()));
      case InfoSnapshot all -> all.getDataPoints().stream().map(p -> point(p, 1));
      default -> throw new AssertionError(metric.getClass());
    };
  }

  private static Point point(DataPointSnapshot of, double value) {
    return new Point(of.getLabels().toString(), value);
  }

  @Test
  void aBlackoutBeyondItsBudgetShowsWhileItLastsAndIsCountedOnce() {
    Migration m = dark("m0000001");
    now += BUDGET + 500;
    assertEquals(1, value("fermata_blackout_active"));
    assertEquals(1.5, value("fermata_blackout_oldest_seconds"));
    assertEquals(0.5, value("fermata_blackout_overrun_seconds"));
    assertEquals(1.5, value("fermata_oldest_in_phase_seconds", "quiescing"));
    var failure = Failure.of(Failure.Code.BUDGET_EXCEEDED, "too long");
    Note back = moved(Phase.QUIESCING, Phase.ROLLING_BACK, Trigger.GIVEN_UP);
    m = next(m, new Note.Failed(failure), back);
    assertEquals(1, value("fermata_rollbacks", "quiescing", "budget_exceeded"));
    assertEquals(1, value("fermata_barrier_seconds", "quiesce", "failed"));
    var blackout = new Blackout(1_500 * MILLION, 0, 0, 0, 100 * MILLION);
    Note home = ended(Phase.ROLLING_BACK, Trigger.RETURNED, Outcome.ROLLED_BACK);
    m = next(m, new Note.CameBack(blackout), home);
    metrics.kept(m, NOTHING_SEEN);
    assertEquals(0, value("fermata_blackout_overrun_seconds"));
    assertEquals(1, value("fermata_blackout_budget_exceeded", "aborted"));
    assertEquals(0, value("fermata_blackout_budget_exceeded", "completed_late"));
    assertEquals(1, value("fermata_migrations_finished", "rolled_back", "budget_exceeded"));
    assertEquals(1, value("fermata_rollback_seconds", "quiescing", "budget_exceeded"));
    assertEquals(0, value("fermata_migrations"));
  }

  @Test
  void aLateSuccessIsCompletedLate() {
    Migration m = dark("m0000001");
    now += 2 * BUDGET;
    var blackout = new Blackout(1_900 * MILLION, 1, 1, 1, 100 * MILLION);
    m =
        next(
            m,
            new Note.CameBack(blackout),
            ended(Phase.CLEANING, Trigger.CLEANED, Outcome.SUCCEEDED));
    metrics.kept(m, NOTHING_SEEN);
    assertEquals(1, value("fermata_blackout_budget_exceeded", "completed_late"));
    assertEquals(1, value("fermata_guest_blackout_seconds", "succeeded"));
  }

  @Test
  void anAgentThatIsLostInTheDarkIsCountedOnceAlsoWhenNobodyScrapes() {
    dark("m0000001");
    assertEquals(0, value("fermata_agents_lost_in_blackout"));
    fleet.source = AgentState.LOST;
    assertEquals(1, value("fermata_agents_lost_in_blackout"));
    assertEquals(1, value("fermata_agents_lost_in_blackout"));
    assertEquals(1, value("fermata_agent_lost_in_blackout"));
    fleet.source = AgentState.READY;
    assertEquals(0, value("fermata_agents_lost_in_blackout"));
    assertEquals(1, value("fermata_agent_lost_in_blackout"));
  }

  @Test
  void anAgentThatIsLostInTheLightIsNone() {
    begun("m0000001");
    fleet.source = AgentState.LOST;
    assertEquals(0, value("fermata_agents_lost_in_blackout"));
    assertEquals(0, value("fermata_agent_lost_in_blackout"));
  }

  @Test
  void whatWasOpenBeforeTheStartIsRecoveredOnceItsTakeOverIsOnDisk() {
    Migration found = dark("m0000001");
    Migration taken = next(found, new Note.TakenOver(new Epoch(2, "me")));
    assertEquals(0, value("fermata_takeovers", "restart"));
    now += 20_000;
    assertEquals(20, value("fermata_recovery_in_progress_seconds"));
    metrics.kept(taken, NOTHING_SEEN);
    metrics.kept(taken, NOTHING_SEEN);
    assertEquals(0, value("fermata_recovery_in_progress_seconds"));
    assertEquals(1, value("fermata_takeovers", "restart"));
    assertEquals(1, value("fermata_recoveries", "resumed"));
    assertEquals(1, value("fermata_recovery_seconds", "resumed"));
  }

  @Test
  void whatAnotherReplicaTookUpAMomentEarlierIsNeitherATakeOverNorAConflict() {
    Migration taken = next(dark("m0000001"), new Note.TakenOver(new Epoch(2, "me")));
    metrics.outrun(taken);
    assertEquals(0, value("fermata_takeovers", "restart"));
    assertEquals(0, value("fermata_ownership_conflicts"));
    assertEquals(0, value("fermata_owned_migrations"));
    assertEquals(0, value("fermata_recovery_in_progress_seconds"));
  }

  @Test
  void whatSomebodyElseWroteIsAConflictAndNotOursAnyMore() {
    Migration m = dark("m0000001");
    metrics.lost(m);
    assertEquals(1, value("fermata_ownership_conflicts"));
    assertEquals(0, value("fermata_owned_migrations"));
    assertEquals(0, value("fermata_blackout_active"));
  }

  @Test
  void whoWaitsIsInTheQueueAndHoldsNoPlace() {
    begun("m0000001");
    dark("m0000002");
    now += 5_000;
    assertEquals(1, value("fermata_queue_depth", "user"));
    assertEquals(5, value("fermata_queue_oldest_age_seconds", "user"));
    var pause = new Intake(Intake.State.PAUSED, "r", "me", now, now + 1_000);
    metrics.gaveOut(Limits.ofCluster(7), pause, Map.of(Limits.Scope.CLUSTER, 1));
    assertEquals(1, value("fermata_concurrency_in_use", "cluster"));
    assertEquals(7, value("fermata_concurrency_limit", "cluster"));
    assertEquals(1, value("fermata_admission_paused"));
    now += 1_000;
    assertEquals(0, value("fermata_admission_paused"));
    assertEquals(2, value("fermata_owned_migrations"));
  }

  @Test
  void atMostSoManyMigrationsAreNamedAndOnlyOpenOnesAreMissed() {
    int most = 200;
    for (int i = 0; i < most + 10; i++) {
      now++;
      Migration m = begun("old%05d".formatted(i));
      m = next(m, ended(Phase.QUEUED, Trigger.DROPPED, Outcome.CANCELLED));
      metrics.kept(m, NOTHING_SEEN);
    }
    assertEquals(most, value("fermata_migration"));
    assertEquals(0, value("fermata_info_series_dropped"));
    for (int i = 0; i < most + 7; i++) {
      now++;
      begun("new%05d".formatted(i));
    }
    assertEquals(most, value("fermata_migration"));
    assertEquals(0, value("fermata_migration", "old"));
    assertEquals(0, value("fermata_migration", "\"new00006\""));
    assertEquals(1, value("fermata_migration", "\"new00007\""));
    assertEquals(7, value("fermata_info_series_dropped"));
  }

  @Test
  void aMistakeInTheCountingEndsNothing() {
    Migration m = dark("m0000001");
    Migration over =
        next(
            m,
            new Note.CameBack(new Blackout(1, 1, 1, 1, 1)),
            ended(Phase.CLEANING, Trigger.CLEANED, Outcome.SUCCEEDED));
    metrics.kept(
        over,
        side -> {
          throw new IllegalStateException("what nobody thought of");
        });
    assertEquals(1, value("fermata_migrations_finished", "succeeded"));
  }
}
