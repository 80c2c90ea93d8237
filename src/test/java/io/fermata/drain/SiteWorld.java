package io.fermata.drain;

import io.fermata.fleet.AgentWord;
import io.fermata.fleet.DeviceView;
import io.fermata.fleet.Fleet;
import io.fermata.fleet.HostMarks;
import io.fermata.fleet.HostView;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.migration.HostOrders;
import io.fermata.migration.Intake;
import io.fermata.migration.Limits;
import io.fermata.migration.Live;
import io.fermata.migration.Migrations;
import io.fermata.migration.Priority;
import io.fermata.migration.Resolution;
import io.fermata.migration.Traffic;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** A site as the rooms below the drains show it; two orchestrators may look at the same one. */
final class SiteWorld implements Fleet, HostOrders, Traffic, Migrations {
  final Site site;
  final List<String> aborted = new ArrayList<>();
  final List<Submission> submissions = new ArrayList<>();
  private final Map<String, Key> keys = new HashMap<>();

  /** While it is true, requests for migrations come to nothing. */
  boolean refuses;

  SiteWorld(Site site) {
    this.site = site;
  }

  @Override
  public List<HostView> hosts() {
    return List.copyOf(site.hosts.values());
  }

  @Override
  public Optional<HostView> host(HostName name) {
    return Optional.ofNullable(site.hosts.get(name));
  }

  @Override
  public Optional<HostView> refresh(HostName name) {
    return host(name);
  }

  @Override
  public Optional<AgentWord> ask(HostName name) {
    List<MigrationId> claims =
        site.hosts.get(name).devices().stream()
            .map(DeviceView::claim)
            .filter(Objects::nonNull)
            .map(MigrationId::new)
            .toList();
    return site.agentSilent
        ? Optional.empty()
        : Optional.of(new AgentWord(site.hosts.get(name), claims, "i1"));
  }

  @Override
  public HostMarks marks(HostName host) {
    return site.hosts.get(host).marks();
  }

  @Override
  public CompletableFuture<Written<HostMarks>> say(
      HostName host, Order order, HostMarks.Mark by, long version) {
    HostMarks before = marks(host);
    HostMarks.Mark cordon = order == Order.CORDONED ? by : null;
    var marks = new HostMarks(cordon, before.quarantine(), null, before.version() + 1);
    site.hosts.computeIfPresent(host, (n, v) -> v.marked(marks));
    return CompletableFuture.completedFuture(
        new Written.Done<>(new Held<>(marks, marks.version())));
  }

  @Override
  public CompletableFuture<Written<HostMarks>> place(
      HostName host, HostMarks.Place place, HostMarks.Mark by, long version) {
    throw new UnsupportedOperationException("no drain changes the inventory");
  }

  @Override
  public View view() {
    return new View(
        new Held<>(site.limits, 0),
        new Held<>(Intake.OPEN, 0),
        site.paused,
        List.of(),
        List.of(),
        List.of());
  }

  @Override
  public CompletableFuture<Result> submit(Submission submission) {
    Key key = submission.key();
    Key stored = keys.get(key.key());
    if (refuses) {
      return CompletableFuture.completedFuture(new Result.QueueFull(1));
    }
    if (stored != null) {
      return CompletableFuture.completedFuture(answered(key).orElseThrow());
    }
    submissions.add(submission);
    var id = new MigrationId("m%07d".formatted(site.migrations.size()));
    site.put(site.fresh(id, submission.order()));
    keys.put(key.key(), new Key(id.value(), key.requestHash()));
    return CompletableFuture.completedFuture(new Result.Taken(site.migrations.get(id), false));
  }

  @Override
  public Optional<Result> answered(Key key) {
    return Optional.ofNullable(keys.get(key.key()))
        .map(stored ->
            stored.requestHash().equals(key.requestHash())
                ? new Result.Taken(site.migrations.get(new MigrationId(stored.key())), true)
                : new Result.KeyReused(key.key()));
  }

  @Override
  public CompletableFuture<Boolean> keep(Key key, String answer) {
    Key before = keys.putIfAbsent(key.key(), new Key(answer, key.requestHash()));
    return CompletableFuture.completedFuture(before == null);
  }

  @Override
  public CompletableFuture<Result> abort(MigrationId id, String actor, String reason) {
    aborted.add(id + " " + actor + " " + reason);
    site.abort(id);
    return CompletableFuture.completedFuture(new Result.Taken(site.migrations.get(id), false));
  }

  @Override
  public Optional<Live> find(MigrationId id) {
    return Optional.ofNullable(site.migrations.get(id))
        .map(m -> new Live(m, null, null, List.of(), null, null));
  }

  @Override
  public Page list(Filter filter, String cursor, int limit) {
    return new Page(
        site.migrations.keySet().stream().map(id -> find(id).orElseThrow()).toList(), null);
  }

  @Override
  public CompletableFuture<Written<Limits>> limits(Limits to, long version, String actor) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletableFuture<Written<Intake>> intake(Intake to) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<Earlier> earlier(Key key) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletableFuture<Result> switchover(MigrationId id, String actor) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletableFuture<Result> budget(MigrationId id, String actor, long millis) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletableFuture<Result> priority(MigrationId id, String actor, Priority priority) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletableFuture<Result> bandwidth(MigrationId id, String actor, long bytes) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletableFuture<Rehearsal> rehearse(MigrationId id, Resolution resolution) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletableFuture<Result> resolve(
      MigrationId id, Resolution resolution, long version, String confirm) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<MigrationId> idsStartingWith(String prefix, int limit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<Happening> history(MigrationId id, long afterSeq, int limit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public AutoCloseable follow(Consumer<Happening> follower) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletableFuture<Void> changed(MigrationId id, long version, long millis) {
    throw new UnsupportedOperationException();
  }
}
