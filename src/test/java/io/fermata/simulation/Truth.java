package io.fermata.simulation;

import io.fermata.device.Capabilities;
import io.fermata.device.DeviceState;
import io.fermata.device.Hop;
import io.fermata.handover.Epoch;
import io.fermata.handover.Fact;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.migration.Migration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** How things really are, which no party in the world can see. */
public final class Truth {
  private final Ledger ledger = new Ledger();
  private final Resets resets = new Resets(ledger);
  private final List<Thing> things = new ArrayList<>();
  private final SortedMap<String, Long> newest = new TreeMap<>();
  private final SortedSet<String> dead = new TreeSet<>();
  private final SortedMap<HostName, SortedMap<String, Boolean>> processors = new TreeMap<>();
  private final Map<String, Deque<Long>> traffic = new TreeMap<>();
  private final List<Start> starts = new ArrayList<>();
  private final List<Migration> outcomes = new ArrayList<>();
  private final List<Migration> parked = new ArrayList<>();
  private final List<HopAsked> hops = new ArrayList<>();
  private final List<Obeyed> obeyed = new ArrayList<>();
  private final List<Renewal> renewals = new ArrayList<>();
  private final Map<String, Epoch> wills = new TreeMap<>();
  private long versions;
  private boolean changed = true;
  private boolean oldJournal;
  private @Nullable HostName lost;
  private final SortedMap<String, Long> lostVersions = new TreeMap<>();
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

  /** A hop was asked of a device that was in that state. */
  public record HopAsked(Thing device, Hop hop, DeviceState was, Capabilities offered) {}

  /**
   * An agent did as a request said.
   *
   * @param before the highest term that this agent had obeyed for this migration before the request
   *     came, or null
   */
  public record Obeyed(HostName host, MigrationId migration, Epoch epoch, @Nullable Epoch before) {}

  /**
   * A source took a renewal.
   *
   * @param silenceNanos for how long it had obeyed nobody, by its own clock
   * @param held whether its set was still held under an unsealed stop after it
   */
  public record Renewal(
      HostName host, MigrationId migration, long silenceNanos, long leaseNanos, boolean held) {}

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

  /** The guest's set on each host where some of it is. */
  public SortedMap<HostName, List<Thing>> sets(String guest) {
    SortedMap<HostName, List<Thing>> sets = holding(guest);
    sets.replaceAll((host, held) -> set(held));
    return sets;
  }

  /**
   * Of each part of the guest the newest. It may come back to a host on other devices than those
   * that are still to be wiped of what it left there, and these are of no set.
   */
  static List<Thing> set(List<Thing> held) {
    SortedMap<Integer, Thing> newest = new TreeMap<>();
    for (Thing thing : held) {
      newest.merge(content(thing).slot(), thing, Truth::newer);
    }
    return List.copyOf(newest.values());
  }

  private static Thing newer(Thing a, Thing b) {
    return content(a).version() > content(b).version() ? a : b;
  }

  private static Content content(Thing holder) {
    return Objects.requireNonNull(holder.content());
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

  /**
   * Whether that is a destination's copy of which nothing runs yet, and this very state is on
   * another host too. Its source's own is no copy, whoever has one: where it is reset its set is
   * dead, as by an error.
   */
  boolean isMereCopy(Thing thing, Content content) {
    return isCopy(thing, content)
        && things.stream()
            .anyMatch(t -> !t.host().equals(thing.host()) && content.equals(t.content()));
  }

  /** Somebody else resets a copy. */
  void wipes(Thing thing) {
    Content content = thing.content();
    if (content != null) {
      resets.add(thing.host(), content);
      changed = true;
    }
  }

  /** Whose copies somebody else has reset. */
  public Resets resets() {
    return resets;
  }

  void died(Content content) {
    dead.add(content.key());
    changed = true;
  }

  /**
   * The host goes for ever. What it alone had the right to run goes with it, even where a copy is
   * left; what it held as a copy that it had not begun to run is still its source's.
   */
  void loses(HostName host) {
    witness.lost(host);
    lost = host;
    for (Thing thing : things) {
      Content content = thing.content();
      if (content != null && thing.host().equals(host) && !isCopy(thing, content)) {
        lostVersions.put(content.key(), newest.getOrDefault(content.key(), 0L));
      }
    }
    processors.remove(host);
    changed = true;
  }

  /** Not begun: as soon as one device has left STOP, the receipt may be out that frees the rest. */
  private boolean isCopy(Thing thing, Content content) {
    boolean begun =
        holding(content.guest()).getOrDefault(thing.host(), List.of()).stream()
            .anyMatch(t -> t.state().mayChange() || t.state() == DeviceState.ERROR);
    return !begun
        && ledger.open(thing.host()).stream()
            .flatMap(id -> ledger.of(thing.host(), id).stream())
            .anyMatch(f ->
                f instanceof Fact.Claimed c
                    && c.side() == Side.DESTINATION
                    && c.spec().vm().equals(content.guest()));
  }

  /** The host that is gone for ever, or null. */
  public @Nullable HostName lost() {
    return lost;
  }

  /**
   * Whether this very state of a device went with a lost host. What began to run in its place is
   * newer, and as dear as any other.
   */
  public boolean wentWithHost(String key, long version) {
    return lostVersions.getOrDefault(key, -1L) == version;
  }

  /** Whether a guest waits for an operator's word on the lost host: agents alone cannot go on. */
  boolean waitsForWord(String guest) {
    return lost != null
        && ledger.hosts().stream()
            .filter(host -> !host.equals(lost))
            .anyMatch(host ->
                ledger.open(host).stream()
                    .flatMap(id -> ledger.of(host, id).stream())
                    .anyMatch(f ->
                        f instanceof Fact.Claimed c
                            && c.spec().vm().equals(guest)
                            && c.spec().peer().equals(lost)));
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

  void oldJournal() {
    oldJournal = true;
  }

  /** Whether some journal was replaced by an older copy of itself. */
  public boolean hasOldJournal() {
    return oldJournal;
  }

  void parked(Migration migration) {
    parked.add(migration);
    changed = true;
  }

  void asked(Thing device, Hop hop, Capabilities offered) {
    hops.add(new HopAsked(device, hop, device.state(), offered));
    changed = true;
  }

  /** The highest term that this host has obeyed for this migration. */
  @Nullable Epoch will(HostName host, MigrationId migration) {
    return wills.get(host + " " + migration);
  }

  /** The answer that tells of a claim's end binds nobody: the claim may be forgotten from then. */
  void obeyed(Obeyed done) {
    obeyed.add(done);
    if (ledger.open(done.host).contains(done.migration)) {
      wills.merge(
          done.host + " " + done.migration, done.epoch, (a, b) -> a.number() >= b.number() ? a : b);
    }
    changed = true;
  }

  void renewed(Renewal renewal) {
    renewals.add(renewal);
    changed = true;
  }

  void found(HostName host, List<Fact> facts) {
    ledger.found(host, facts);
    facts.stream()
        .filter(Fact.Closed.class::isInstance)
        .forEach(closed -> wills.remove(host + " " + closed.migration()));
    changed = true;
  }

  /** What waits for an operator since the last look. */
  public List<Migration> parked() {
    return parked;
  }

  /** What was asked of devices since the last look. */
  public List<HopAsked> hops() {
    return hops;
  }

  /** Whose word was obeyed since the last look. */
  public List<Obeyed> obeyed() {
    return obeyed;
  }

  /** What renewals were taken since the last look. */
  public List<Renewal> renewals() {
    return renewals;
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
    return dead.stream().anyMatch(key -> key.startsWith(guest + "/"))
        || resets.halved(guest)
        || lostVersions.entrySet().stream()
            .anyMatch(e -> e.getKey().startsWith(guest + "/") && !isRunnable(e.getKey()));
  }

  private boolean isRunnable(String key) {
    return things.stream()
        .map(Thing::content)
        .anyMatch(
            c -> c != null && c.key().equals(key) && c.version() == newest.getOrDefault(key, 0L));
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
    parked.clear();
    hops.clear();
    obeyed.clear();
    renewals.clear();
  }

  /** Everything that an invariant can see, in words: the proof that no change goes unnoticed. */
  String fingerprint() {
    StringBuilder words = new StringBuilder();
    things.forEach(t -> words.append(t.host() + t.name() + t.state() + t.content() + ' '));
    words.append(newest).append(dead).append(processors).append(ledger.size()).append(traffic);
    return words
        .append(starts)
        .append(outcomes)
        .append(parked)
        .append(hops.size())
        .append(obeyed)
        .append(renewals)
        .toString();
  }
}
