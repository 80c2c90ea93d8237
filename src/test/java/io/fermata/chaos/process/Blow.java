package io.fermata.chaos.process;

import java.util.ArrayList;
import java.util.List;

/** What is done to a member or to a link, and for how long. */
enum Blow {
  /** SIGKILL, and started again a second later. */
  KILL(false, 1_000) {
    @Override
    void strike(Cluster cluster, Target target) {
      cluster.member(target.first()).kill();
    }

    @Override
    void end(Cluster cluster, Target target) {
      cluster.member(target.first()).again();
    }
  },
  /** SIGSTOP: the process notices nothing and goes on later. */
  PAUSE(false, 10_000) {
    @Override
    void strike(Cluster cluster, Target target) {
      cluster.member(target.first()).signal("STOP");
    }

    @Override
    void end(Cluster cluster, Target target) {
      cluster.member(target.first()).signal("CONT");
    }
  },
  /** SIGTERM, and started again at once. */
  RESTART(false, 0) {
    @Override
    void strike(Cluster cluster, Target target) {
      cluster.member(target.first()).end();
    }

    @Override
    void end(Cluster cluster, Target target) {
      cluster.member(target.first()).again();
    }
  },
  /** No packet passes. */
  CUT(true, 6_000) {
    @Override
    void strike(Cluster cluster, Target target) {
      cluster.network().cut(target.first(), target.second());
      cluster.network().cut(target.second(), target.first());
    }
  },
  /** Packets pass in one direction only. */
  ONE_WAY(true, 6_000) {
    @Override
    void strike(Cluster cluster, Target target) {
      cluster.network().cut(target.first(), target.second());
    }
  },
  /** Both ends send slowly. */
  SLOW(true, 6_000) {
    @Override
    void strike(Cluster cluster, Target target) {
      cluster.network().slow(target.first(), target.second());
      cluster.network().slow(target.second(), target.first());
    }
  },
  /** A quarter of all packets is lost. */
  LOSSY(true, 6_000) {
    @Override
    void strike(Cluster cluster, Target target) {
      cluster.network().lossy(target.first(), target.second());
      cluster.network().lossy(target.second(), target.first());
    }
  };

  private final boolean ofLinks;
  final long millis;

  Blow(boolean ofLinks, long millis) {
    this.ofLinks = ofLinks;
    this.millis = millis;
  }

  abstract void strike(Cluster cluster, Target target);

  void end(Cluster cluster, Target target) {
    cluster.network().heal();
  }

  /** Who or what is struck, seen from a migration: the second is empty for a member alone. */
  record Target(String name, String first, String second) {}

  /**
   * Every target of this blow, where the set runs on that host now. Where the journal is shared,
   * what the agents meet between themselves is the same as where it is not, and is left to that.
   */
  List<Target> targets(String source, Cluster.Shape shape) {
    return shape == Cluster.Shape.SHARED ? shared(source) : alone(source);
  }

  private List<Target> shared(String source) {
    String o = Cluster.ORCHESTRATOR;
    String d = Cluster.DATABASE;
    if (!ofLinks) {
      return List.of(
          new Target("orchestrator", o, ""),
          new Target("replica", Cluster.REPLICA, ""),
          new Target("database", d, ""));
    }
    List<Target> targets =
        new ArrayList<>(
            List.of(
                new Target("O-DB", o, d),
                new Target("P-DB", Cluster.REPLICA, d),
                new Target("O-S", o, source),
                new Target("O-D", o, Cluster.other(source))));
    if (this == ONE_WAY) {
      targets.add(new Target("DB-O", d, o));
      targets.add(new Target("DB-P", d, Cluster.REPLICA));
    }
    return targets;
  }

  private List<Target> alone(String source) {
    String o = Cluster.ORCHESTRATOR;
    String destination = Cluster.other(source);
    List<Target> targets = new ArrayList<>();
    if (!ofLinks) {
      targets.add(new Target("orchestrator", o, ""));
      targets.add(new Target("source", source, ""));
      targets.add(new Target("destination", destination, ""));
      return targets;
    }
    targets.add(new Target("O-S", o, source));
    targets.add(new Target("O-D", o, destination));
    targets.add(new Target("S-D", source, destination));
    if (this == ONE_WAY) {
      targets.add(new Target("S-O", source, o));
      targets.add(new Target("D-O", destination, o));
      targets.add(new Target("D-S", destination, source));
    }
    return targets;
  }
}
