package io.fermata.simulation;

import io.fermata.device.DeviceName;
import io.fermata.fleet.DeviceView;
import io.fermata.fleet.HostView;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.journal.Row;
import io.fermata.journal.RowFilter;
import io.fermata.migration.Migration;
import io.fermata.migration.MigrationRows;
import io.fermata.migration.Migrations;
import io.fermata.migration.Migrations.Result;
import io.fermata.migration.Migrations.Submission;
import io.fermata.migration.Order;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * Operators: they order, abort, hasten, order elsewhere what is still on its way, order again what
 * failed, ask twice, and sometimes order nonsense. Every wish of {@link #act} is one line; a verb
 * that the service learns joins there.
 */
final class People {
  private final World world;
  private final Control control;
  private final RandomGenerator random;
  private int orders;

  People(Surroundings around, Control control) {
    this.world = around.world();
    this.control = control;
    this.random = world.random("people");
  }

  void begin() {
    boolean impatient = world.strikes(Fault.IMPATIENCE, random);
    long most = impatient ? World.SECOND : 8 * World.SECOND;
    world.after(World.between(100 * World.MILLI, most, random), "people", this::act);
  }

  int orders() {
    return orders;
  }

  private void act() {
    if (world.isCalm()) {
      return;
    }
    List<Orchestrator> alive = control.alive();
    if (!alive.isEmpty()) {
      Orchestrator asked = alive.get(random.nextInt(alive.size()));
      List<Row> open = control.journal().open();
      if (!open.isEmpty() && world.strikes(Fault.ABORT, random)) {
        asked.migrations().abort(id(open), "people", "changed our mind");
      }
      if (!open.isEmpty() && world.strikes(Fault.SWITCHOVER, random)) {
        asked.migrations().switchover(id(open), "people");
      }
      if (!open.isEmpty() && world.strikes(Fault.RETARGET, random)) {
        retarget(asked, open.get(random.nextInt(open.size())));
      }
      if (world.strikes(Fault.RETRY, random)) {
        retry(asked);
      }
      order(asked, open);
    }
    begin();
  }

  /** Changes its mind about the destination, and may not wait until the set is back. */
  private void retarget(Orchestrator asked, Row row) {
    if (random.nextInt(4) != 0) {
      asked.migrations().abort(new MigrationId(row.id()), "people", "it shall go elsewhere");
    }
    long soon = World.between(World.MILLI, 5 * World.SECOND, random);
    world.after(
        soon,
        "people order " + row.vm() + " elsewhere",
        () -> {
          if (!world.isCalm() && asked.isAlive()) {
            order(asked, row.vm());
          }
        });
  }

  private void retry(Orchestrator asked) {
    List<Row> failed =
        control.journal().list(RowFilter.ALL, null, 10).stream()
            .filter(row -> row.outcome() != null && !row.outcome().equals("SUCCEEDED"))
            .toList();
    if (!failed.isEmpty()) {
      Migration before = MigrationRows.read(failed.get(random.nextInt(failed.size())));
      String id = before.id().value();
      int attempt = before.attempt() + 1;
      orders++;
      var again = new Submission(before.order(), "people", "retry", attempt, id, null);
      asked.migrations().submit(again);
    }
  }

  private MigrationId id(List<Row> open) {
    return new MigrationId(open.get(random.nextInt(open.size())).id());
  }

  private void order(Orchestrator asked, List<Row> open) {
    String guest = "vm-" + random.nextInt(world.options().guests());
    boolean underway = open.stream().anyMatch(row -> row.vm().equals(guest));
    if (!underway || random.nextInt(8) == 0) {
      order(asked, guest);
    }
  }

  private void order(Orchestrator asked, String guest) {
    boolean wrong = world.strikes(Fault.WRONG_ORDER, random);
    List<HostView> hosts = asked.fleet().hosts();
    int chosen = random.nextInt(hosts.size());
    for (int i = 0; i < hosts.size(); i++) {
      HostView source = hosts.get((chosen + i) % hosts.size());
      List<DeviceName> set = wrong ? some(source) : of(source, guest);
      HostView destination = hosts.get((chosen + i + 1 + random.nextInt(2)) % hosts.size());
      List<DeviceName> places = of(destination, null);
      if (!set.isEmpty() && places.size() >= set.size()) {
        submit(asked, terms(guest, source.name(), destination.name(), pairs(set, places)));
        return;
      }
    }
  }

  private static List<DeviceName> of(HostView host, String guest) {
    return host.devices().stream()
        .filter(d -> guest == null ? d.vm() == null : guest.equals(d.vm()))
        .map(DeviceView::name)
        .toList();
  }

  private List<DeviceName> some(HostView host) {
    return host.devices().stream()
        .map(DeviceView::name)
        .filter(name -> random.nextBoolean())
        .limit(world.options().devices())
        .toList();
  }

  private static List<Order.Pair> pairs(List<DeviceName> set, List<DeviceName> places) {
    List<Order.Pair> pairs = new ArrayList<>();
    for (int i = 0; i < set.size(); i++) {
      pairs.add(new Order.Pair(set.get(i), places.get(i)));
    }
    return pairs;
  }

  private Order terms(String guest, HostName source, HostName destination, List<Order.Pair> set) {
    boolean live = random.nextBoolean();
    long budget = random.nextInt(3) == 0 ? World.between(100, 5_000, random) : 0;
    return new Order(
        guest,
        source,
        destination,
        set,
        new Order.PreCopyTerms(live, 1 + random.nextInt(10), 1 << 20),
        budget,
        random.nextBoolean() ? Order.OnBudgetExceeded.ABORT : Order.OnBudgetExceeded.CONTINUE,
        null,
        "user");
  }

  private void submit(Orchestrator asked, Order order) {
    orders++;
    world.note(order.vm() + " is ordered from " + order.source() + " to " + order.destination());
    boolean twice = world.strikes(Fault.ASKED_TWICE, random);
    Migrations.Key key = twice ? new Migrations.Key("key " + orders, order.vm()) : null;
    var submission = new Submission(order, "people", "api", 1, null, key);
    Set<MigrationId> taken = new TreeSet<>();
    asked.migrations().submit(submission).thenAccept(result -> took(result, taken));
    if (twice) {
      List<Orchestrator> alive = control.alive();
      Orchestrator other = alive.get(random.nextInt(alive.size()));
      other.migrations().submit(submission).thenAccept(result -> took(result, taken));
    }
  }

  /** One key makes one migration, whoever was asked; a journal from yesterday knows no key. */
  private void took(Result result, Set<MigrationId> taken) {
    if (result instanceof Result.Taken done) {
      taken.add(done.migration().id());
      if (taken.size() > 1 && !world.has(Fault.JOURNAL_RESTORED)) {
        world.broken(new Violation("OneKeyOneMigration", "one key made " + taken));
      }
    }
  }
}
