package io.fermata.migration;

import io.fermata.journal.JournalFault;
import io.fermata.journal.Replicas;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;

/**
 * The thread behind {@link Keeper}. It begins once the server answers: an owner that cannot be
 * reached would be no use to the others.
 */
public final class KeeperThread implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KeeperThread.class);

  private final @Nullable Replicas replicas;
  private final Supplier<@Nullable Keeper> making;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("lease").unstarted(task));
  private volatile @Nullable Keeper keeper;
  private boolean troubled;

  /**
   * @param replicas null where the journal is nobody else's: then nothing is kept
   */
  KeeperThread(@Nullable Replicas replicas, Supplier<@Nullable Keeper> making) {
    this.replicas = replicas;
    this.making = making;
  }

  @EventListener
  void start(ApplicationReadyEvent ready) {
    Keeper made = making.get();
    keeper = made;
    if (made != null) {
      LOG.info("replica {} joins", made.self());
      long millis = made.terms().heartbeat().toMillis();
      var _ = thread.scheduleAtFixedRate(() -> turn(made), 0, millis, TimeUnit.MILLISECONDS);
    }
  }

  private void turn(Keeper keeper) {
    try {
      keeper.turn();
      JournalFault trouble = keeper.trouble();
      if (trouble != null && !troubled) {
        LOG.warn("the lease or its neighbours are out of reach: {}", trouble.getMessage());
      } else if (trouble == null && troubled) {
        LOG.info("the lease is renewed again");
      }
      troubled = trouble != null;
    } catch (RuntimeException broken) {
      // The edge of this thread: a lease that is not renewed is the safe end, silence is not.
      LOG.error("the lease was not renewed", broken);
    }
  }

  /** The keeper, once it has begun; empty where the journal is nobody else's. */
  Optional<Keeper> keeper() {
    return Optional.ofNullable(keeper);
  }

  @Override
  public void close() {
    thread.shutdownNow();
    keeper().ifPresent(Keeper::leave);
    if (replicas != null) {
      replicas.close();
    }
  }
}
