package io.fermata.steps;

import io.fermata.handover.Fact;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import java.util.List;

/** S5 and what belongs to it: what the disks may say together. */
final class Slates {
  private Slates() {}

  static void check(Host host, Host other) {
    Fact last = host.slate.getLast();
    MigrationId id = last.migration();
    List<Fact> before = host.slate.subList(0, host.slate.size() - 1);
    boolean released = has(before, id, Fact.Released.class);
    if (released && (last instanceof Fact.Stopped || last instanceof Fact.Unsealed)) {
      throw new Broken("S5 Final", host.name + " was released, and now " + last);
    }
    boolean given = has(before, id, Fact.Voided.class) || has(before, id, Fact.Abandoned.class);
    if (given && last instanceof Fact.Started) {
      throw new Broken("S5 Final", host.name + " gave up, and now " + last);
    }
    if (last instanceof Fact.Released && !started(other, id)) {
      throw new Broken("S5 Final", host.name + " let go, and nobody has started");
    }
  }

  /** Whether that host took the right to run and did not give it up again. */
  static boolean started(Host host, MigrationId id) {
    return has(host.slate, id, Fact.Started.class) && !has(host.slate, id, Fact.Voided.class);
  }

  /** Whether the host gave the right to run away, and has it not back. */
  static boolean sealed(Host host, MigrationId id) {
    boolean sealed = false;
    for (Fact fact : host.slate) {
      if (fact.migration().equals(id)) {
        sealed = fact instanceof Fact.Sealed || (sealed && !(fact instanceof Fact.Unsealed));
      }
    }
    return sealed;
  }

  static boolean isHere(Host host, HostName name) {
    return host.name.equals(name.value());
  }

  private static boolean has(List<Fact> facts, MigrationId id, Class<? extends Fact> kind) {
    return facts.stream().anyMatch(f -> kind.isInstance(f) && f.migration().equals(id));
  }
}
