package io.fermata.migration;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.handover.Epoch;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Receipt;
import io.fermata.handover.Side;
import io.fermata.handover.Stop;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.DeviceReport;
import io.fermata.handover.message.ClaimReport.GuestState;
import io.fermata.handover.message.ClaimReport.Progress;
import io.fermata.handover.message.ClaimReport.Standing;
import io.fermata.handover.message.HopReport;
import io.fermata.handover.message.Refusal;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an orchestrator knows at one moment, told fact by fact: a phase, what each side last said,
 * how late it is. What is not told is as it is at the beginning of the phase, with silent agents.
 */
final class Scene {
  static final Stop STOP = new Stop("slate", 1);
  static final Stop OTHER = new Stop("slate", 9);
  static final HostName THERE = new HostName("host-b");
  static final Receipt.Ready READY = new Receipt.Ready(Orders.ID, STOP, THERE, List.of());
  static final Receipt.Sealed SEAL = new Receipt.Sealed(Orders.ID, STOP, THERE, List.of());
  static final Receipt.Started STARTED = new Receipt.Started(Orders.ID, STOP, THERE);
  static final Receipt.Voided VOIDED = new Receipt.Voided(Orders.ID, STOP, THERE);
  static final Terms TERMS = Terms.usual();

  private Migration migration;
  private Sighting source = Sighting.NONE;
  private Sighting destination = Sighting.NONE;
  private long nowMillis = 2;
  private String data = "b:1";
  private Known.JournalState journal = Known.JournalState.WRITES;
  private final Map<Phase, Long> entered = new EnumMap<>(Phase.class);

  private Scene(Migration migration) {
    this.migration = migration;
  }

  /** That phase with what a migration has learned when it gets there. */
  static Scene in(Phase phase) {
    Evidence evidence =
        switch (phase) {
          case SEALING -> new Evidence(READY, null, null, null);
          case RESUMING -> new Evidence(READY, SEAL, null, null);
          case CLEANING -> new Evidence(READY, SEAL, STARTED, null);
          default -> Evidence.NONE;
        };
    boolean early = phase == Phase.PREPARING || phase == Phase.PRECOPYING;
    return new Scene(Orders.in(phase, evidence, early ? null : STOP));
  }

  static Scene of(Migration migration) {
    return new Scene(migration);
  }

  Scene noted(Note... notes) {
    migration = migration.with(List.of(notes), 1);
    return this;
  }

  Scene source(Sighting seen) {
    source = seen;
    return this;
  }

  Scene destination(Sighting seen) {
    destination = seen;
    return this;
  }

  Scene at(long millis) {
    nowMillis = millis;
    return this;
  }

  /** At the first moment at which the phase has taken too long. */
  Scene late() {
    return at(TERMS.deadlineMillis(migration.phase()));
  }

  Scene withoutDataAddress() {
    data = "";
    return this;
  }

  Scene journalFails() {
    journal = Known.JournalState.FAILS;
    return this;
  }

  Scene entered(Phase phase, long nanos) {
    entered.put(phase, nanos);
    return this;
  }

  Known known() {
    var peers = new Known.Peers("http://a", "http://b", data);
    return new Known(
        migration,
        source,
        destination,
        TERMS,
        nowMillis,
        nowMillis * 1_000_000,
        entered,
        peers,
        journal);
  }

  Decision decides() {
    return MigrationDriver.decide(known());
  }

  /** What is asked, in order, as {@code SOURCE Quiesce}. */
  List<String> asks() {
    return asks(decides());
  }

  static List<String> asks(Decision decision) {
    return decision.asks().stream()
        .map(ask -> ask.side() + " " + SideRun.name(ask.request()))
        .toList();
  }

  static Failure failure(Decision decision) {
    return notes(decision, Note.Failed.class).getFirst().failure();
  }

  static <N extends Note> List<N> notes(Decision decision, Class<N> kind) {
    return decision.notes().stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  static Sighting seen(Side side, Goal goal, Progress progress, Receipt... receipts) {
    return seen(side, Standing.OPEN, goal, progress, List.of(), receipts);
  }

  static Sighting closed(Side side, Goal goal, Receipt... receipts) {
    return seen(side, Standing.CLOSED, goal, Progress.REACHED, List.of(), receipts);
  }

  static Sighting seen(
      Side side,
      Standing standing,
      Goal goal,
      Progress progress,
      List<DeviceReport> devices,
      Receipt... receipts) {
    boolean none = goal == Goal.PRE_COPY;
    Stop stop = side == Side.SOURCE && !none ? STOP : null;
    return sighting(report(side, standing, goal, progress, stop, devices, List.of(receipts)));
  }

  static ClaimReport report(
      Side side,
      Standing standing,
      Goal goal,
      Progress progress,
      @Nullable Stop stop,
      List<DeviceReport> devices,
      List<Receipt> receipts) {
    return new ClaimReport(
        Orders.ID,
        side,
        1,
        new Epoch(1, "me"),
        standing,
        goal,
        progress,
        GuestState.PAUSED,
        stop,
        receipts,
        devices,
        List.of(),
        0);
  }

  /** The same as a later one, or an earlier one. */
  static ClaimReport numbered(long sequence, ClaimReport r) {
    return copy(r.migration(), sequence, r);
  }

  /** The same of another migration. */
  static ClaimReport about(MigrationId id, ClaimReport r) {
    return copy(id, r.sequence(), r);
  }

  private static ClaimReport copy(MigrationId id, long sequence, ClaimReport r) {
    return new ClaimReport(
        id,
        r.side(),
        sequence,
        r.promised(),
        r.standing(),
        r.goal(),
        r.progress(),
        r.guest(),
        r.stop(),
        r.receipts(),
        r.devices(),
        r.hops(),
        r.hopsTotal());
  }

  static Sighting sighting(ClaimReport report) {
    return new Sighting(report, null, null, null, List.of());
  }

  static Sighting withHops(Sighting seen, List<HopReport> hops) {
    return new Sighting(seen.report(), seen.refusal(), seen.refused(), seen.unreachable(), hops);
  }

  /** The same, but the agent refused that request with that code. */
  static Sighting refuses(Sighting seen, Refusal.Code code, String request) {
    return new Sighting(seen.report(), new Refusal(code, "why it is so"), request, null, List.of());
  }

  /** The same, but nobody answers there any more. */
  static Sighting silent(Sighting seen) {
    return new Sighting(seen.report(), null, null, "connection refused", List.of());
  }

  static Sighting unclaimed() {
    return refuses(Sighting.NONE, Refusal.Code.UNKNOWN_CLAIM, "Renew");
  }

  static DeviceReport device(String name, DeviceState state, @Nullable String trouble) {
    return new DeviceReport(new DeviceName(name), state, null, 0, trouble, 0, null);
  }
}
