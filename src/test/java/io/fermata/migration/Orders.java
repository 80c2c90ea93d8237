package io.fermata.migration;

import io.fermata.device.DeviceName;
import io.fermata.handover.Epoch;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Stop;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Orders and migrations for tests. */
final class Orders {
  static final MigrationId ID = new MigrationId("m0000001");

  private Orders() {}

  static Order order(int devices, boolean preCopy, long budgetMillis) {
    List<Order.Pair> pairs = new ArrayList<>();
    for (int i = 0; i < devices; i++) {
      DeviceName name = new DeviceName("d" + i);
      pairs.add(new Order.Pair(name, name));
    }
    return new Order(
        "vm",
        new HostName("host-a"),
        new HostName("host-b"),
        pairs,
        new Order.PreCopyTerms(preCopy, 10, 1 << 20),
        budgetMillis,
        Order.OnBudgetExceeded.ABORT,
        null,
        "user");
  }

  static Migration in(Phase phase, Evidence evidence, @Nullable Stop stop) {
    return in(phase, evidence, stop, order(2, false, 0));
  }

  static Migration in(Phase phase, Evidence evidence, @Nullable Stop stop, Order order) {
    return of(ID, new Epoch(1, "me"), phase, evidence, stop, order, 0);
  }

  /** A new one that somebody owns. */
  static Migration queued(String id, Epoch epoch) {
    Order order = order(2, false, 0);
    return of(new MigrationId(id), epoch, Phase.QUEUED, Evidence.NONE, null, order, 0);
  }

  /** A new one from one host to another. */
  static Migration queued(String id, String source, String destination) {
    Order any = order(2, false, 0);
    Order order =
        new Order(
            any.vm(),
            new HostName(source),
            new HostName(destination),
            any.devices(),
            any.preCopy(),
            any.blackoutBudgetMillis(),
            any.onBudgetExceeded(),
            any.reason(),
            any.priority());
    MigrationId name = new MigrationId(id);
    return of(name, new Epoch(1, "me"), Phase.QUEUED, Evidence.NONE, null, order, 0);
  }

  /** It entered that phase, and the dark if that is dark, at that time. */
  static Migration of(
      MigrationId id,
      Epoch epoch,
      Phase phase,
      Evidence evidence,
      @Nullable Stop stop,
      Order order,
      long since) {
    return new Migration(
        id,
        order,
        "token",
        1,
        null,
        "api",
        "test",
        phase,
        null,
        null,
        epoch,
        1,
        0,
        since,
        null,
        false,
        stop,
        evidence,
        List.of(),
        phase.dark() ? Math.max(1, since) : 0,
        null,
        null);
  }
}
