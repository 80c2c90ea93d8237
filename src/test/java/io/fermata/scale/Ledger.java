package io.fermata.scale;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * Reads the journal's entries from the first to the last and keeps count of who holds what: a place
 * from the entry that it started to the one that it ended, a blackout from the entry that it goes
 * dark to the one that it came back. It shares nothing with the code that gives the places out.
 */
final class Ledger {
  private final Map<String, Waiting> born = new HashMap<>();
  private final Map<String, Integer> now = new HashMap<>();
  private final Map<String, Integer> most = new TreeMap<>();
  private final Map<String, String> outcomes = new TreeMap<>();
  private final List<String> starts = new ArrayList<>();
  private final Set<String> holding = new HashSet<>();
  private final Set<String> dark = new HashSet<>();

  /**
   * A migration as it was asked for.
   *
   * @param number how many were born before it
   */
  record Waiting(String id, String source, String destination, String priority, int number) {
    String pair() {
      return source + "→" + destination;
    }
  }

  /** The entries as the API shows them, in their order. */
  static Ledger of(List<JsonNode> events) {
    Ledger ledger = new Ledger();
    events.forEach(ledger::take);
    return ledger;
  }

  private void take(JsonNode event) {
    String id = event.get("subject").asString();
    JsonNode data = event.get("data");
    switch (event.get("type").asString()) {
      case "migration.submitted" -> born.put(id, waiting(id, data));
      case "migration.moved" -> moved(id, data);
      case "migration.went-dark" -> {
        if (dark.add(id)) {
          count("dark", 1);
        }
      }
      case "migration.came-back" -> back(id);
      default -> {}
    }
  }

  private Waiting waiting(String id, JsonNode order) {
    return new Waiting(
        id,
        order.get("source").asString(),
        order.get("destination").asString(),
        order.get("priority").asString(),
        born.size());
  }

  private void moved(String id, JsonNode data) {
    String to = data.get("to").asString();
    if (data.get("from").asString().equals("QUEUED") && !to.equals("DONE")) {
      starts.add(id);
      holding.add(id);
      places(born.get(id), 1);
    }
    if (to.equals("DONE")) {
      outcomes.put(id, data.get("outcome").asString());
    }
    if (to.equals("DONE") || to.equals("NEEDS_OPERATOR")) {
      back(id);
      if (holding.remove(id)) {
        places(born.get(id), -1);
      }
    }
  }

  private void back(String id) {
    if (dark.remove(id)) {
      count("dark", -1);
    }
  }

  private void places(Waiting of, int step) {
    count("cluster", step);
    count("source " + of.source(), step);
    count("destination " + of.destination(), step);
    count("pair " + of.pair(), step);
  }

  private void count(String what, int step) {
    int count = now.merge(what, step, Integer::sum);
    most.merge(what.split(" ", 2)[0], count, Math::max);
  }

  /** The most that was ever held of a scope: cluster, source, destination, pair or dark. */
  int most(String scope) {
    return most.getOrDefault(scope, 0);
  }

  /** How each that ended has ended. */
  Map<String, String> outcomes() {
    return outcomes;
  }

  /** Everybody who was started, in that order. */
  List<Waiting> starts() {
    return starts.stream().map(born::get).toList();
  }

  int born() {
    return born.size();
  }

  /**
   * Whoever was overtaken by one that wants the very same places, waits no longer, and is of no
   * higher priority. Nothing explains that where nobody waits long enough to be lifted.
   *
   * @param ranks the priorities, the highest first
   */
  List<String> overtaken(List<String> ranks) {
    List<String> found = new ArrayList<>();
    Map<String, Waiting> last = new HashMap<>();
    for (Waiting each : starts()) {
      Waiting before = last.put(each.pair(), each);
      if (before != null && rank(ranks, before, each) > 0) {
        found.add(each.id() + " was overtaken by " + before.id() + " from " + each.pair());
      }
    }
    return found;
  }

  private static int rank(List<String> ranks, Waiting a, Waiting b) {
    int byPriority = ranks.indexOf(a.priority()) - ranks.indexOf(b.priority());
    return byPriority != 0 ? byPriority : a.number() - b.number();
  }
}
