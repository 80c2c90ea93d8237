package io.fermata.simulation;

import io.fermata.device.DeviceName;
import io.fermata.fleet.DeviceView;
import io.fermata.fleet.HostView;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.journal.Row;
import io.fermata.migration.Migrations.Submission;
import io.fermata.migration.Order;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Operators: they order, abort, hasten, order again elsewhere, and sometimes order nonsense. */
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
      order(asked, open);
    }
    begin();
  }

  private MigrationId id(List<Row> open) {
    return new MigrationId(open.get(random.nextInt(open.size())).id());
  }

  private void order(Orchestrator asked, List<Row> open) {
    String guest = "vm-" + random.nextInt(world.options().guests());
    boolean underway = open.stream().anyMatch(row -> row.vm().equals(guest));
    if (underway && random.nextInt(8) != 0) {
      return;
    }
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
    asked.migrations().submit(new Submission(order, "people", "api", 1, null, null));
  }
}
