package io.fermata.api;

import io.fermata.handover.Epoch;
import io.fermata.handover.MigrationId;
import io.fermata.migration.Evidence;
import io.fermata.migration.Live;
import io.fermata.migration.Migration;
import io.fermata.migration.Migrations;
import io.fermata.migration.Note;
import io.fermata.migration.Outcome;
import io.fermata.migration.Phase;
import io.fermata.migration.Priority;
import io.fermata.migration.Resolution;
import io.fermata.migration.Ruling;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Migrations in memory that do what they are told and write down every call. */
final class FakeMigrations implements Migrations {
  static final long T0 = 1_795_406_400_000L;

  final List<String> calls = new CopyOnWriteArrayList<>();
  final List<Submission> submissions = new CopyOnWriteArrayList<>();
  private final Map<String, Live> known = new TreeMap<>();
  private final Map<String, Key> keys = new HashMap<>();
  private final List<Happening> happenings = new ArrayList<>();
  private final List<Consumer<Happening>> followers = new CopyOnWriteArrayList<>();
  private final List<CompletableFuture<Void>> waiting = new CopyOnWriteArrayList<>();
  private volatile Result answer;
  private int made;

  /** Forgets everything. */
  synchronized void clear() {
    calls.clear();
    submissions.clear();
    known.clear();
    keys.clear();
    happenings.clear();
    answer = null;
    made = 0;
  }

  /** The next command is answered so. */
  void answerWith(Result result) {
    answer = result;
  }

  synchronized Live put(Live live) {
    known.put(live.migration().id().value(), live);
    waiting.forEach(wait -> wait.complete(null));
    waiting.clear();
    return live;
  }

  Live put(Migration migration) {
    return put(new Live(migration, null, null, List.of(), null, null));
  }

  synchronized void happened(String subject, String type, String data) {
    var happening =
        new Happening(happenings.size() + 1L, T0 + happenings.size(), type, subject, "me", data);
    happenings.add(happening);
    followers.forEach(follower -> follower.accept(happening));
  }

  int followers() {
    return followers.size();
  }

  int waiting() {
    return waiting.size();
  }

  static Migration fresh(String id, Submission submission) {
    return new Migration(
        new MigrationId(id),
        submission.order(),
        "the-secret-token",
        submission.attempt(),
        submission.retryOf(),
        submission.trigger(),
        submission.actor(),
        Phase.QUEUED,
        null,
        null,
        new Epoch(1, "o1"),
        1,
        T0,
        T0,
        null,
        false,
        null,
        Evidence.NONE,
        List.of(),
        0,
        null,
        null);
  }

  /** The migration in another phase, one version later. */
  static Migration in(Migration migration, Phase phase, Outcome outcome) {
    var moved =
        new Note.Moved(migration.phase(), phase, io.fermata.migration.Trigger.CHECKED, outcome);
    return migration.with(List.of(moved), T0 + 1000);
  }

  @Override
  public synchronized CompletableFuture<Result> submit(Submission submission) {
    calls.add("submit");
    submissions.add(submission);
    if (answer != null) {
      return CompletableFuture.completedFuture(answer);
    }
    String id = "mig" + (char) ('a' + made++) + "0000";
    Live live = put(fresh(id, submission));
    if (submission.key() != null) {
      keys.put(submission.key().key() + "\n" + submission.key().requestHash(), submission.key());
      keys.put(submission.key().key(), new Key(id, submission.key().requestHash()));
    }
    return CompletableFuture.completedFuture(new Result.Taken(live.migration(), false));
  }

  @Override
  public synchronized Optional<Result> answered(Key key) {
    Key stored = keys.get(key.key());
    if (stored == null) {
      return Optional.empty();
    }
    return Optional.of(
        stored.requestHash().equals(key.requestHash())
            ? new Result.Taken(known.get(stored.key()).migration(), true)
            : new Result.KeyReused(key.key()));
  }

  @Override
  public synchronized Optional<Earlier> earlier(Key key) {
    Key hash = keys.get(key.key());
    return hash == null
        ? Optional.empty()
        : Optional.of(new Earlier(hash.key(), hash.requestHash().equals(key.requestHash())));
  }

  @Override
  public synchronized CompletableFuture<Boolean> keep(Key key, String answer) {
    keys.put(key.key(), new Key(answer, key.requestHash()));
    return CompletableFuture.completedFuture(true);
  }

  @Override
  public CompletableFuture<Result> abort(MigrationId id, String actor, String reason) {
    return command("abort " + id + " " + reason, id);
  }

  @Override
  public CompletableFuture<Result> switchover(MigrationId id, String actor) {
    return command("switchover " + id, id);
  }

  @Override
  public CompletableFuture<Result> bandwidth(MigrationId id, String actor, long bytesPerSecond) {
    return command("bandwidth " + id + " " + bytesPerSecond, id);
  }

  @Override
  public CompletableFuture<Result> budget(MigrationId id, String actor, long millis) {
    return command("budget " + id + " " + millis, id);
  }

  @Override
  public CompletableFuture<Result> priority(MigrationId id, String actor, Priority priority) {
    return command("priority " + id + " " + priority, id);
  }

  @Override
  public synchronized CompletableFuture<Rehearsal> rehearse(MigrationId id, Resolution said) {
    calls.add("rehearse " + id + " " + said.keep() + " " + said.word().evidence());
    Migration migration = known.get(id.value()).migration();
    var ruling = new Ruling(null, List.of("host-a runs the set"), List.of("on your word alone"));
    return CompletableFuture.completedFuture(
        answer == null
            ? new Rehearsal.Possible(migration, ruling, "the-word")
            : new Rehearsal.Impossible(answer));
  }

  @Override
  public CompletableFuture<Result> resolve(
      MigrationId id, Resolution said, long version, String confirm) {
    String word = said.word().actor() + " " + said.word().evidence() + " " + said.word().reason();
    String call = "resolve " + id + " " + said.keep() + " " + word;
    return command(call + " " + version + " " + confirm, id);
  }

  private synchronized CompletableFuture<Result> command(String call, MigrationId id) {
    calls.add(call);
    Result result =
        answer == null ? new Result.Taken(known.get(id.value()).migration(), false) : answer;
    return CompletableFuture.completedFuture(result);
  }

  @Override
  public synchronized Optional<Live> find(MigrationId id) {
    return Optional.ofNullable(known.get(id.value()));
  }

  @Override
  public synchronized List<MigrationId> idsStartingWith(String prefix, int limit) {
    return known.keySet().stream()
        .filter(id -> id.startsWith(prefix))
        .limit(limit)
        .map(MigrationId::new)
        .toList();
  }

  @Override
  public synchronized Page list(Filter filter, String cursor, int limit) {
    calls.add("list " + filter);
    if (cursor != null && !cursor.startsWith("c")) {
      throw new IllegalArgumentException("not a cursor");
    }
    int skip = cursor == null ? 0 : Integer.parseInt(cursor.substring(1));
    List<Live> all = new ArrayList<>(known.values()).reversed();
    List<Live> page = all.stream().skip(skip).limit(limit).toList();
    return new Page(page, all.size() > skip + limit ? "c" + (skip + limit) : null);
  }

  @Override
  public synchronized List<Happening> history(MigrationId id, long afterSeq, int limit) {
    return happenings.stream()
        .filter(h -> h.seq() > afterSeq && (id == null || h.subject().equals(id.value())))
        .limit(limit)
        .toList();
  }

  @Override
  public AutoCloseable follow(Consumer<Happening> follower) {
    followers.add(follower);
    return () -> followers.remove(follower);
  }

  @Override
  public CompletableFuture<Void> changed(MigrationId id, long version, long millis) {
    var wait = new CompletableFuture<Void>();
    waiting.add(wait);
    return wait.completeOnTimeout(null, millis, TimeUnit.MILLISECONDS);
  }
}
