package io.fermata.scale;

import io.fermata.scale.Layout.Move;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/**
 * Sets of the bed move all the time while something goes wrong every second. Afterwards everything
 * ends, and the devices must be where the outcomes say.
 */
final class SoakRun {
  private final Bed bed;
  private final Service service;
  private final Places places;
  private final SplittableRandom random;
  private final Faults faults;
  private final Map<String, Move> underWay = new HashMap<>();
  private final Map<String, Integer> outcomes = new TreeMap<>();
  private int asked;
  private int refused;

  /**
   * How much of it.
   *
   * @param faults how many, one a second
   * @param inFlight how many migrations there are at a time
   */
  record Terms(int faults, int inFlight, Duration patience) {}

  /** What was seen. */
  record Seen(
      Map<String, Integer> outcomes,
      Map<Faults.Kind, Integer> faults,
      int refused,
      int deviceLines,
      List<String> wrong) {}

  SoakRun(Bed bed, Service service, long seed) {
    this.bed = bed;
    this.service = service;
    this.places = new Places(bed.layout());
    this.random = new SplittableRandom(seed);
    this.faults = new Faults(bed, service, random.split());
  }

  Seen run(Terms terms) throws IOException {
    long begun = System.nanoTime();
    // whatever the dice say, an orchestrator and an agent end once
    faults.one(Faults.Kind.AGENT_RESTARTS);
    for (int second = 1; second < terms.faults(); second++) {
      moveUntil(begun + Duration.ofSeconds(second).toNanos(), terms.inFlight());
      if (second == terms.faults() / 2) {
        faults.one(Faults.Kind.ORCHESTRATOR_KILLED);
      } else {
        faults.one();
      }
    }
    faults.settle();
    long end = System.nanoTime() + terms.patience().toNanos();
    while (!underWay.isEmpty() && System.nanoTime() < end) {
      moveUntil(System.nanoTime() + 500_000_000, 0);
    }
    return seen();
  }

  private Seen seen() throws IOException {
    List<String> wrong = new ArrayList<>();
    for (String left : underWay.keySet()) {
      JsonNode m = service.get("migrations/" + left).ok();
      wrong.add("not ended: " + left + " " + m.get("phase") + " " + m.get("waitingFor"));
    }
    var lines = bed.lines();
    wrong.addAll(Bed.violations(lines));
    wrong.addAll(bed.astray());
    wrong.addAll(places.against(bed));
    return new Seen(outcomes, faults.done(), refused, lines.size(), wrong);
  }

  /** Ends what has ended and begins more, as far as the orchestrator is there. */
  private void moveUntil(long nanos, int inFlight) {
    while (System.nanoTime() < nanos) {
      try {
        collect();
        while (underWay.size() < inFlight && System.nanoTime() < nanos && begin()) {}
      } catch (IOException | IllegalStateException away) {
        // killed: the next round tells what became of everything
      }
      LockSupport.parkNanos(50_000_000);
    }
  }

  private void collect() throws IOException {
    Set<String> active = new HashSet<>();
    JsonNode page = service.get("migrations?phase=active&limit=500").ok();
    page.get("items").forEach(item -> active.add(item.get("id").asString()));
    for (String id : List.copyOf(underWay.keySet())) {
      if (!active.contains(id)) {
        String outcome = service.get("migrations/" + id).ok().get("outcome").asString();
        outcomes.merge(outcome, 1, Integer::sum);
        places.end(underWay.remove(id), outcome.equals("SUCCEEDED"));
      }
    }
  }

  /** False where it was not taken. */
  private boolean begin() throws IOException {
    Move move = places.begin(random);
    if (move == null) {
      return false;
    }
    String key = "soak-" + asked++;
    while (true) {
      try {
        Service.Said said = service.post("migrations", move.json("user"), key);
        if (said.status() / 100 == 2) {
          underWay.put(said.body().get("id").asString(), move);
          return true;
        }
        if (said.status() != 503) {
          refused++; // such as an agent that is away
          places.end(move, false);
          return false;
        }
      } catch (IOException away) {
        // the same key again: whether it was taken before it died only the journal knows
      }
      LockSupport.parkNanos(200_000_000);
    }
  }
}
