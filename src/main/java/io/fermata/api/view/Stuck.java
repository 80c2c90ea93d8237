package io.fermata.api.view;

import io.fermata.device.DeviceState;
import io.fermata.fleet.HostView;
import io.fermata.fleet.HostView.AgentState;
import io.fermata.handover.Receipt;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.DeviceReport;
import io.fermata.migration.Live.SideView;
import io.fermata.migration.Migration;
import io.fermata.migration.Phase;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One thing that keeps a migration where it is, and what comes of that by itself. The words follow
 * the table of what fails in the protocol.
 *
 * @param what what it is, with the place
 * @param then what happens without anybody doing anything
 */
public record Stuck(Way way, String what, String then) {

  /** Every way of being stuck. */
  public enum Way {
    /** No place is free. */
    PLACE,
    /** What was decided is not on disk yet. */
    JOURNAL,
    /** A host left the inventory. */
    HOST_GONE,
    SOURCE_SILENT,
    DESTINATION_SILENT,
    SOURCE_REFUSES,
    DESTINATION_REFUSES,
    /** A device was asked and has not arrived. */
    DEVICE_LATE,
    /** A device did not do what it was asked. */
    DEVICE_REFUSES,
    SOURCE_DEVICE_DEAD,
    DESTINATION_DEVICE_DEAD,
    OVER_BUDGET,
    OVERDUE,
    /** Nobody can prove where the set runs. */
    EVIDENCE
  }

  /** What a phase means for whoever is stuck in it. */
  private enum Stage {
    UNTOUCHED,
    LIVE,
    BARRIER,
    SEALING,
    STARTING,
    CLEANING,
    BACK,
    PARKED,
    OVER
  }

  private static Stage stage(Phase phase) {
    return switch (phase) {
      case QUEUED, CHECKING -> Stage.UNTOUCHED;
      case PREPARING, PRECOPYING -> Stage.LIVE;
      case QUIESCING, FREEZING, COPYING -> Stage.BARRIER;
      case SEALING -> Stage.SEALING;
      case RESUMING -> Stage.STARTING;
      case CLEANING -> Stage.CLEANING;
      case ROLLING_BACK -> Stage.BACK;
      case NEEDS_OPERATOR -> Stage.PARKED;
      case DONE -> Stage.OVER;
    };
  }

  /** What happens by itself to a migration in that phase that is stuck in that way. */
  public static String then(Way way, Phase phase) {
    Stage stage = stage(phase);
    if (stage == Stage.OVER) {
      return "nothing: it is over";
    }
    if (stage == Stage.PARKED) {
      return "both agents are asked again and again; what they prove ends it, else an operator";
    }
    return switch (way) {
      case PLACE -> "it starts when another one has ended, the oldest first";
      case JOURNAL -> journal(stage);
      case HOST_GONE -> hostGone(stage);
      case SOURCE_SILENT -> sourceSilent(stage);
      case DESTINATION_SILENT -> destinationSilent(stage);
      case SOURCE_REFUSES, DESTINATION_REFUSES, DEVICE_REFUSES -> refused(stage);
      case DEVICE_LATE, OVERDUE -> late(stage);
      case SOURCE_DEVICE_DEAD -> sourceDead(stage);
      case DESTINATION_DEVICE_DEAD -> destinationDead(stage);
      case OVER_BUDGET -> overBudget(stage);
      case EVIDENCE -> "at the deadline it is parked until an operator decides";
    };
  }

  private static String journal(Stage stage) {
    return switch (stage) {
      case UNTOUCHED, LIVE -> "nothing is sent before it is on disk; the write is repeated";
      case BARRIER, SEALING -> "the set walks back: nothing goes on that is not sealed";
      case STARTING, CLEANING -> "it goes forward, and is written as soon as the journal takes it";
      case BACK -> "the walk back goes on; its end is shown once it is written";
      case PARKED, OVER -> "the write is repeated";
    };
  }

  private static String hostGone(Stage stage) {
    return stage == Stage.UNTOUCHED
        ? "it ends as FAILED, nothing was touched"
        : "nothing can be asked until the host is in the inventory again; the agents keep what"
            + " they wrote, and an unsealed source walks back when its lease ends";
  }

  private static String sourceSilent(Stage stage) {
    return switch (stage) {
      case UNTOUCHED -> "the checks decide on what is known";
      case LIVE -> "at the deadline it is given up; the guest runs on at the source";
      case BARRIER, SEALING ->
          "its own lease makes the source walk back; here that counts on its word only, and at"
              + " the deadline the way back begins";
      case STARTING -> "the start goes on: the seal is held, and the source is not needed for it";
      case CLEANING -> "the release waits for it; the guest runs at the destination";
      case BACK ->
          "at the deadline it is parked: only the source can prove that the set runs there";
      case PARKED, OVER -> "it is asked again";
    };
  }

  private static String destinationSilent(Stage stage) {
    return switch (stage) {
      case UNTOUCHED -> "the checks decide on what is known";
      case LIVE -> "at the deadline it is given up; the guest runs on at the source";
      case BARRIER -> "at the deadline, or over the budget, the set walks back";
      case SEALING -> "the seal is the source's to give; without one the set walks back";
      case STARTING ->
          "its durable record decides, started or void; at the deadline the migration is parked";
      case CLEANING -> "it started already; at the deadline the migration is parked for its word";
      case BACK ->
          "an unsealed source comes back without it, a sealed one only on its void receipt";
      case PARKED, OVER -> "it is asked again";
    };
  }

  private static String refused(Stage stage) {
    return switch (stage) {
      case UNTOUCHED -> "it ends as FAILED if a check forbids it";
      case LIVE -> "it is given up; the guest runs on at the source";
      case BARRIER, SEALING -> "the set walks back and runs on the source";
      case STARTING -> "the start is repeated; if it cannot run there: void, unseal, walk back";
      case CLEANING -> "the release is repeated; the guest runs at the destination";
      case BACK -> "it is repeated until the deadline, then an operator is asked";
      case PARKED, OVER -> "it is asked again";
    };
  }

  private static String late(Stage stage) {
    return switch (stage) {
      case UNTOUCHED -> "the checks go on; there is no limit to the queue";
      case LIVE -> "at the deadline it is given up; the guest runs on at the source";
      case BARRIER, SEALING -> "at the deadline, or over the budget, the set walks back";
      case STARTING -> "the start is repeated; at the deadline an operator is asked";
      case CLEANING -> "the guest runs at the destination; at the deadline an operator is asked";
      case BACK -> "the call cannot be broken off; at the deadline an operator is asked";
      case PARKED, OVER -> "it is asked again";
    };
  }

  private static String sourceDead(Stage stage) {
    return switch (stage) {
      case UNTOUCHED -> "it ends as FAILED: a device in ERROR is not moved";
      case LIVE, BARRIER, SEALING, BACK ->
          "the rest of the set walks back, then an operator is asked: that device's state is gone";
      case STARTING, CLEANING -> "it does no harm: the copy is at the destination";
      case PARKED, OVER -> "it stays as it is until somebody resets it";
    };
  }

  private static String destinationDead(Stage stage) {
    return switch (stage) {
      case UNTOUCHED -> "it ends as FAILED: a device in ERROR takes no image";
      case LIVE -> "it is given up; the guest runs on at the source";
      case BARRIER, SEALING -> "the set walks back; the destination is reset";
      case STARTING -> "before the start: void, unseal, walk back; after it an operator is asked";
      case CLEANING -> "an operator is asked: the set was started there";
      case BACK -> "the walk back goes on; the destination is reset with its claim";
      case PARKED, OVER -> "it stays as it is until somebody resets it";
    };
  }

  private static String overBudget(Stage stage) {
    return switch (stage) {
      case UNTOUCHED, LIVE -> "nothing: the guest is not dark";
      case BARRIER, SEALING -> "the set walks back, unless it was asked to continue";
      case STARTING -> "it goes on: the right to run has moved, forward is the shortest way";
      case CLEANING -> "nothing: the guest runs again";
      case BACK -> "the walk back goes on: it is the shortest way";
      case PARKED, OVER -> "nothing";
    };
  }

  /** Everything that keeps it where it is; empty while nothing does. */
  static List<Stuck> of(Scene scene) {
    List<Stuck> all = new ArrayList<>();
    Migration m = scene.migration();
    if (m.ended()) {
      return all;
    }
    if (m.phase() == Phase.QUEUED) {
      add(all, scene, Way.PLACE, "place " + orUnknown(scene.live().queuePosition()));
    }
    if (scene.live().waiting().stream().anyMatch(word -> word.startsWith("the journal"))) {
      add(all, scene, Way.JOURNAL, "what was decided is not on disk yet");
    }
    side(all, scene, true);
    side(all, scene, false);
    times(all, scene);
    if (m.phase() == Phase.NEEDS_OPERATOR) {
      add(all, scene, Way.EVIDENCE, missing(scene));
    }
    return List.copyOf(all);
  }

  private static void side(List<Stuck> all, Scene scene, boolean source) {
    var order = scene.migration().order();
    String host = (source ? order.source() : order.destination()).value();
    HostView known = source ? scene.source() : scene.destination();
    SideView side = source ? scene.live().source() : scene.live().destination();
    if (known == null) {
      add(all, scene, Way.HOST_GONE, host + " is not in the inventory");
    } else if (known.state() != AgentState.READY) {
      String trouble = known.trouble() == null ? "" : ": " + known.trouble();
      String what = "the agent of " + host + " is " + known.state() + trouble;
      add(all, scene, source ? Way.SOURCE_SILENT : Way.DESTINATION_SILENT, what);
    }
    if (side != null && side.trouble() != null) {
      boolean refusal = side.trouble().matches("[A-Z_]+: .*");
      Way refuses = source ? Way.SOURCE_REFUSES : Way.DESTINATION_REFUSES;
      Way silent = source ? Way.SOURCE_SILENT : Way.DESTINATION_SILENT;
      add(all, scene, refusal ? refuses : silent, host + ": " + side.trouble());
    }
    ClaimReport report = side == null ? null : side.report();
    if (report != null) {
      report.devices().forEach(device -> device(all, scene, device, host, source));
    }
  }

  private static void device(
      List<Stuck> all, Scene scene, DeviceReport device, String host, boolean source) {
    String name = host + " " + device.name();
    if (device.state() == DeviceState.ERROR) {
      Way dead = source ? Way.SOURCE_DEVICE_DEAD : Way.DESTINATION_DEVICE_DEAD;
      add(all, scene, dead, name + " is in ERROR");
    } else if (device.trouble() != null) {
      add(all, scene, Way.DEVICE_REFUSES, name + ": " + device.trouble());
    } else if (device.heading() != null) {
      add(all, scene, Way.DEVICE_LATE, name + " " + device.state() + " to " + device.heading());
    }
  }

  private static void times(List<Stuck> all, Scene scene) {
    Migration m = scene.migration();
    long budget = m.order().blackoutBudgetMillis();
    Double dark = scene.darkMillis();
    if (budget > 0 && dark != null && dark > budget && m.blackout() == null) {
      add(all, scene, Way.OVER_BUDGET, "dark for " + Math.round(dark) + " of " + budget + " ms");
    }
    Long deadline = scene.live().deadlineMillis();
    if (deadline != null && scene.now().toEpochMilli() > deadline) {
      long over = scene.now().toEpochMilli() - deadline;
      add(all, scene, Way.OVERDUE, "over its deadline by " + over + " ms");
    }
  }

  private static String missing(Scene scene) {
    var evidence = scene.migration().evidence();
    List<String> words = new ArrayList<>();
    missing(words, "ready", evidence.ready());
    missing(words, "sealed", evidence.seal());
    missing(words, "started", evidence.started());
    missing(words, "voided", evidence.voided());
    return "receipts that nobody gave: " + (words.isEmpty() ? "none" : String.join(", ", words));
  }

  private static void missing(List<String> words, String name, @Nullable Receipt receipt) {
    if (receipt == null) {
      words.add(name);
    }
  }

  private static String orUnknown(@Nullable Integer number) {
    return number == null ? "?" : number.toString();
  }

  private static void add(List<Stuck> all, Scene scene, Way way, String what) {
    all.add(new Stuck(way, what, then(way, scene.migration().phase())));
  }
}
