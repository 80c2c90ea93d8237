package io.fermata.audit;

import io.fermata.journal.Change;
import io.fermata.journal.Extra;
import io.fermata.journal.Journal;
import io.fermata.journal.NewAudit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** Records that the store did not take, tried again until it does. */
final class Spool {
  private static final int BATCH = 200;

  private final Journal journal;
  private final AuditSettings settings;
  private final Executor pause;
  private final Deque<NewAudit> waiting = new ArrayDeque<>();
  private boolean busy;

  Spool(Journal journal, AuditSettings settings) {
    this.journal = journal;
    this.settings = settings;
    this.pause =
        CompletableFuture.delayedExecutor(settings.retry().toMillis(), TimeUnit.MILLISECONDS);
  }

  synchronized int waiting() {
    return waiting.size();
  }

  /** False where there is no room. */
  synchronized boolean add(NewAudit record) {
    if (waiting.size() >= settings.spoolMax()) {
      return false;
    }
    waiting.add(record);
    if (!busy) {
      busy = true;
      pause.execute(this::retry);
    }
    return true;
  }

  private void retry() {
    List<NewAudit> batch = first();
    var all = batch.stream().map(Extra.Audit::new).toArray(Extra[]::new);
    var _ =
        journal
            .append(Change.extra(all))
            .whenComplete((done, fault) -> ended(batch, fault == null));
  }

  private synchronized List<NewAudit> first() {
    return new ArrayList<>(waiting.stream().limit(BATCH).toList());
  }

  private synchronized void ended(List<NewAudit> batch, boolean written) {
    if (written) {
      batch.forEach(record -> waiting.removeFirst());
    }
    busy = !waiting.isEmpty();
    if (busy) {
      pause.execute(this::retry);
    }
  }
}
