package io.fermata.scale;

import io.fermata.scale.Layout.Move;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** Where every set of the bed is, as the outcomes tell it, and which free places are spoken for. */
final class Places {
  private final Layout layout;
  private final SortedMap<String, Place> sets = new TreeMap<>();
  private final Map<Place, String> taken = new HashMap<>();
  private final Map<String, Move> moving = new HashMap<>();

  /** Room for one set on one host. */
  record Place(int host, String side, int set) {}

  Places(Layout layout) {
    this.layout = layout;
    for (int host = 0; host < layout.hosts(); host++) {
      for (int set = 0; set < Layout.SETS.size(); set++) {
        Place place = new Place(host, Layout.PLACES.getFirst(), set);
        sets.put(Layout.vm(host, set), place);
        taken.put(place, Layout.vm(host, set));
      }
    }
  }

  /** Some set that is at rest, and a free place for it, which is kept; null where luck has none. */
  Move begin(RandomGenerator random) {
    List<String> all = new ArrayList<>(sets.keySet());
    for (int tries = 0; tries < 50; tries++) {
      String vm = all.get(random.nextInt(all.size()));
      Place from = sets.get(vm);
      String side = Layout.PLACES.get(random.nextInt(Layout.PLACES.size()));
      Place to = new Place(random.nextInt(layout.hosts()), side, from.set());
      if (!moving.containsKey(vm) && !taken.containsKey(to) && to.host() != from.host()) {
        Move move = new Move(vm, from.set(), from.host(), to.host(), from.side(), side);
        moving.put(vm, move);
        taken.put(to, vm);
        return move;
      }
    }
    return null;
  }

  /** It is over: the set is on the one host or on the other. */
  void end(Move move, boolean moved) {
    Place source = new Place(move.source(), move.from(), move.set());
    Place destination = new Place(move.destination(), move.to(), move.set());
    moving.remove(move.vm());
    taken.remove(moved ? source : destination);
    sets.put(move.vm(), moved ? destination : source);
  }

  /** Sets that the bed has elsewhere than the outcomes say. */
  List<String> against(Bed bed) {
    SortedMap<String, List<Bed.Holding>> holdings = bed.holdings();
    List<String> against = new ArrayList<>();
    sets.forEach((vm, place) -> {
      List<Bed.Holding> found = holdings.getOrDefault(vm, List.of());
      boolean there =
          found.size() == 1
              && found.getFirst().host() == place.host()
              && found.getFirst().place().equals(place.side());
      if (!there) {
        against.add(vm + " should be at " + place + ": " + found);
      }
    });
    return against;
  }
}
