package io.fermata.simulation;

import io.fermata.device.DeviceState;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.migration.Migration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** How things really are, which no party in the world can see. */
public final class Truth {
  private final Ledger ledger = new Ledger();
  private final List<Thing> things = new ArrayList<>();
  private final SortedMap<String, Long> newest = new TreeMap<>();
  private final SortedSet<String> dead = new TreeSet<>();
  private final SortedMap<HostName, SortedMap<String, Boolean>> processors = new TreeMap<>();
  private final Map<String, Deque<Long>> traffic = new TreeMap<>();
  private final List<Start> starts = new ArrayList<>();
  private final List<Migration> outcomes = new ArrayList<>();
  private long versions;
  private boolean changed = true;
  private Witness witness = Witness.NOBODY;

  /** One device as it is. */
  public interface Thing {
    /** Where it is. */
    HostName host();

    /** What it is called there. */
    String name();

    /** Its true state. */
    DeviceState state();

    /** What it holds, or null when it is blank. */
    @Nullable Content content();
  }

  /** A device that held something frozen began to run it. */
  public record Start(HostName host, Content content, long newest) {}

  void thing(Thing thing) {
    things.add(thing);
  }

  /** Every device of every host. */
  public List<Thing> things() {
    return things;
  }

  /** The devices that hold a guest's state, by host. */
  public SortedMap<HostName, List<Thing>> holding(String guest) {
    SortedMap<HostName, List<Thing>> holders = new TreeMap<>();
    for (Thing thing : things) {
      Content content = thing.content();
      if (content != null && content.guest().equals(guest)) {
        holders.computeIfAbsent(thing.host(), h -> new ArrayList<>()).add(thing);
      }
    }
    return holders;
  }

  /** Every guest. */
  public SortedSet<String> guests() {
    SortedSet<String> guests = new TreeSet<>();
    newest.keySet().forEach(key -> guests.add(key.substring(0, key.indexOf('/'))));
    return guests;
  }

  Content advance(Content before) {
    versions++;
    newest.put(before.key(), versions);
    changed = true;
    return new Content(before.guest(), before.slot(), versions);
  }

  void starts(HostName host, Content content) {
    starts.add(new Start(host, content, newest.getOrDefault(content.key(), 0L)));
    changed = true;
  }

  void touched() {
    changed = true;
    witness.touched(things);
  }

  /** Who looks on. */
  Witness witness() {
    return witness;
  }

  void witness(Witness next) {
    witness = next;
    next.touched(things);
  }

  void died(Content content) {
    dead.add(content.key());
    changed = true;
  }

  void processors(HostName host, String guest, boolean run) {
    processors.computeIfAbsent(host, h -> new TreeMap<>()).put(guest, run);
    changed = true;
  }

  /** Whether the guest's vCPUs run there. */
  public boolean runs(HostName host, String guest) {
    return processors.getOrDefault(host, new TreeMap<>()).getOrDefault(guest, false);
  }

  void asked(String sender, MigrationId migration, long now) {
    Deque<Long> times = traffic.computeIfAbsent(sender + " " + migration, k -> new ArrayDeque<>());
    times.add(now);
    while (times.getFirst() < now - World.SECOND) {
      times.removeFirst();
    }
    changed = true;
  }

  /** How much each sender asked about each migration within the last second before its last ask. */
  public Map<String, Deque<Long>> traffic() {
    return traffic;
  }

  void ended(Migration migration) {
    outcomes.add(migration);
    changed = true;
  }

  /** What began to run since the last look. */
  public List<Start> starts() {
    return starts;
  }

  /** What the journal was told of ends since the last look. */
  public List<Migration> outcomes() {
    return outcomes;
  }

  /** The number of the last state that this device of a guest was in, by content key. */
  public SortedMap<String, Long> newest() {
    return newest;
  }

  /** What a broken device took with it; no protocol can bring it back. */
  public Collection<String> dead() {
    return dead;
  }

  /** Whether some device of the guest is broken, so that nobody has to bring it up again. */
  public boolean broken(String guest) {
    return dead.stream().anyMatch(key -> key.startsWith(guest + "/"));
  }

  /** What the disks say. */
  public Ledger ledger() {
    return ledger;
  }

  boolean changed() {
    return changed;
  }

  void seen() {
    changed = false;
    starts.clear();
    outcomes.clear();
  }
}
