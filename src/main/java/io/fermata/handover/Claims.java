package io.fermata.handover;

import io.fermata.device.Capabilities;
import io.fermata.device.Capabilities.Capability;
import io.fermata.device.DeviceName;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.ClaimSpec.DevicePair;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Refusal.Code;
import io.fermata.handover.message.Remembered;
import io.fermata.handover.message.Request;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * All claims of one host, and who owns each device: the whole decision-making part of an agent. It
 * is rebuilt from the slate and from nothing else.
 */
public final class Claims {
  private final HostName host;
  private final SortedMap<DeviceName, Holding> devices;
  private final SortedMap<MigrationId, Claim> claims = new TreeMap<>();

  /** Those that time still means something to; a host remembers far more claims than it has. */
  private final SortedMap<MigrationId, Claim> awake = new TreeMap<>();

  private final SortedSet<MigrationId> closed = new TreeSet<>();
  private final StopNumbers numbers;
  private @Nullable String unreadable;

  /**
   * A device of this host.
   *
   * @param offered what its driver offers; null while the agent has no descriptor of it. It is
   *     listed all the same: its owner changes with the facts, also of the time before a restart
   * @param vm the virtual machine that it belongs to, if any
   */
  public record Holding(@Nullable Capabilities offered, @Nullable String vm) {
    private Holding of(@Nullable String owner) {
      return new Holding(offered, owner);
    }
  }

  /**
   * @param incarnation the slate's, part of every stop number
   * @param devices what the host holds, with the owners that configuration gives
   */
  public Claims(HostName host, String incarnation, Map<DeviceName, Holding> devices) {
    this.host = host;
    this.numbers = new StopNumbers(incarnation, 0);
    this.devices = new TreeMap<>(devices);
  }

  /** Rebuilds the claims from the slate, oldest fact first, and takes up what they demand. */
  public void restore(List<Fact> slate, Turn turn) {
    for (Fact fact : slate) {
      if (fact instanceof Fact.Claimed claimed) {
        add(make(claimed, turn));
      } else {
        known(fact).restore(fact);
      }
      if (fact instanceof Fact.Stopped stopped) {
        numbers.seen(stopped.stop());
      }
      own(fact);
    }
    claims.values().forEach(claim -> claim.wake(turn));
    turn.facts().forEach(this::own);
  }

  /**
   * The slate cannot be read: whatever was sealed must stay stopped, so nothing is moved and nobody
   * is obeyed.
   */
  public void keepQuiet(String reason) {
    unreadable = reason;
  }

  /** Why the agent keeps quiet, or empty when it does not. */
  public Optional<String> quiet() {
    return Optional.ofNullable(unreadable);
  }

  /**
   * A device's descriptor came, or was let go of.
   *
   * @param offered what its driver offers; null when there is no descriptor any more
   */
  public void offers(DeviceName device, @Nullable Capabilities offered) {
    devices.computeIfPresent(device, (name, before) -> new Holding(offered, before.vm()));
    if (offered != null) {
      claims.values().forEach(claim -> claim.set.offers(device, offered));
    }
  }

  /** Takes one event; what does not belong to a claim is answered or dropped. */
  public void on(Event event, Turn turn) {
    int before = turn.facts().size();
    Claim claim = claims.get(event.migration());
    if (claim != null) {
      awake.put(claim.migration(), claim);
      claim.on(event, turn);
    } else if (event instanceof Event.Asked asked) {
      first(asked, turn);
    } else if (event instanceof Event.PeerAsked asked) {
      var word = new PeerMessage.Word(event.migration(), null, PeerMessage.Standing.PENDING);
      turn.then(new Effect.ReplyPeer(asked.ticket(), word));
    }
    List<Fact> facts = turn.facts();
    facts.subList(before, facts.size()).forEach(this::own);
  }

  /** Lets time pass for every claim. */
  public void tick(Turn turn) {
    int before = turn.facts().size();
    awake.values().forEach(claim -> claim.tick(turn));
    awake.values().removeIf(Claim::rests);
    List<Fact> facts = turn.facts();
    facts.subList(before, facts.size()).forEach(this::own);
  }

  /** How many claims time still means something to. */
  int awake() {
    return awake.size();
  }

  private void add(Claim claim) {
    claims.put(claim.migration(), claim);
    awake.put(claim.migration(), claim);
  }

  /** The claim of this migration as it stands. */
  public Optional<ClaimReport> report(MigrationId migration) {
    return Optional.ofNullable(claims.get(migration)).map(c -> c.report(0));
  }

  /** The claims after that one, in the order of their ids. */
  public List<Remembered> remembered(@Nullable MigrationId after, int limit) {
    return claims.values().stream()
        .filter(claim -> after == null || claim.migration().compareTo(after) > 0)
        .limit(limit)
        .map(Claim::remembered)
        .toList();
  }

  /** Every claim, oldest id first. */
  public Collection<Claim> all() {
    return Collections.unmodifiableCollection(claims.values());
  }

  /** What the host holds, with the owners as they are now. */
  public SortedMap<DeviceName, Holding> devices() {
    return Collections.unmodifiableSortedMap(devices);
  }

  /** The open claim that holds this device. */
  public Optional<Claim> holder(DeviceName device) {
    return awake.values().stream()
        .filter(c -> c.holdsDevices() && c.set.names().contains(device))
        .findFirst();
  }

  private void first(Event.Asked asked, Turn turn) {
    Optional<Refusal> refusal =
        switch (asked.request()) {
          case Request.ClaimSource r -> claim(r, r.spec(), Side.SOURCE, turn);
          case Request.ClaimDestination r -> claim(r, r.spec(), Side.DESTINATION, turn);
          default ->
              Claim.refuse(
                  unreadable == null ? Code.UNKNOWN_CLAIM : Code.SLATE_UNREADABLE,
                  unreadable == null
                      ? host + " has no claim for " + asked.migration()
                      : host + " cannot read its slate: " + unreadable);
        };
    if (refusal.isPresent()) {
      long received = asked.ticket().receivedNanos();
      var answer = new Answer(refusal.get(), null, turn.agent(), received, turn.now());
      turn.then(new Effect.Reply(asked.ticket(), answer));
    } else {
      Claim made = known(asked.migration());
      made.set.lookAtAll(turn);
      made.on(asked, turn);
    }
  }

  private Optional<Refusal> claim(Request request, ClaimSpec spec, Side side, Turn turn) {
    Optional<Refusal> objection = objection(spec, side);
    if (objection.isEmpty()) {
      var fact =
          new Fact.Claimed(request.header().migration(), side, spec, request.header().epoch());
      turn.record(fact);
      add(make(fact, turn));
    }
    return objection;
  }

  private Optional<Refusal> objection(ClaimSpec spec, Side side) {
    if (unreadable != null) {
      return Claim.refuse(Code.SLATE_UNREADABLE, host + " cannot read its slate: " + unreadable);
    }
    if (!spec.self().equals(host)) {
      return Claim.refuse(Code.WRONG_HOST, "this is " + host + ", the claim is for " + spec.self());
    }
    return names(spec, side).stream()
        .map(name -> objection(name, spec, side))
        .flatMap(Optional::stream)
        .findFirst()
        .or(() -> side == Side.SOURCE ? partial(spec) : Optional.empty());
  }

  /** A set is every device of a virtual machine: one left out would run while its peers freeze. */
  private Optional<Refusal> partial(ClaimSpec spec) {
    List<DeviceName> named = names(spec, Side.SOURCE);
    return devices.entrySet().stream()
        .filter(e -> spec.vm().equals(e.getValue().vm()) && !named.contains(e.getKey()))
        .findFirst()
        .flatMap(e ->
            Claim.refuse(
                Code.PART_OF_SET,
                host + " " + e.getKey() + " belongs to " + spec.vm() + " and is left out"));
  }

  private Optional<Refusal> objection(DeviceName name, ClaimSpec spec, Side side) {
    Holding holding = devices.get(name);
    Capabilities offered = holding == null ? null : holding.offered();
    if (holding == null || offered == null) {
      return Claim.refuse(Code.UNKNOWN_DEVICE, host + " holds no device " + name);
    }
    if (!offered.has(Capability.STOP_COPY)) {
      return Claim.refuse(Code.CANNOT_MIGRATE, host + " " + name + " has no migration support");
    }
    if (!offered.has(Capability.P2P) && spec.devices().size() > 1) {
      return Claim.refuse(
          Code.LACKS_P2P, host + " " + name + " lacks P2P and cannot wait for its peers");
    }
    return held(name).or(() -> owned(name, holding, spec, side));
  }

  private Optional<Refusal> held(DeviceName name) {
    return holder(name)
        .flatMap(by ->
            Claim.refuse(Code.DEVICE_CLAIMED, host + " " + name + " is held by " + by.migration()));
  }

  private Optional<Refusal> owned(DeviceName name, Holding holding, ClaimSpec spec, Side side) {
    String wanted = side == Side.SOURCE ? spec.vm() : null;
    if (Objects.equals(holding.vm(), wanted)) {
      return Optional.empty();
    }
    return holding.vm() == null
        ? Claim.refuse(Code.PART_OF_SET, host + " " + name + " does not belong to " + spec.vm())
        : Claim.refuse(Code.DEVICE_CLAIMED, host + " " + name + " belongs to " + holding.vm());
  }

  private Claim make(Fact.Claimed fact, Turn turn) {
    SortedMap<DeviceName, Capabilities> offered = new TreeMap<>();
    for (DeviceName name : names(fact.spec(), fact.side())) {
      Holding holding = devices.get(name);
      Capabilities known = holding == null ? null : holding.offered();
      offered.put(name, known == null ? Capabilities.of() : known);
    }
    ClaimedSet set = new ClaimedSet(fact.migration(), offered);
    return switch (fact.side()) {
      case SOURCE -> new Source(fact, set, numbers, turn.now());
      case DESTINATION -> new Destination(fact, set, turn.now());
    };
  }

  /**
   * Who owns a device changes hands with the facts of the hand-over, on each host by itself. A
   * claim that was closed before has no say any more: a void that is asked of it late is still
   * recorded, and its devices may long belong to somebody else.
   */
  private void own(Fact fact) {
    if (fact instanceof Fact.Closed) {
      closed.add(fact.migration());
    }
    if (isOver(fact.migration())) {
      return;
    }
    boolean gained = fact instanceof Fact.Started || fact instanceof Fact.Adopted;
    if (gained || fact instanceof Fact.Released) {
      Claim claim = known(fact);
      String owner = gained ? claim.spec().vm() : null;
      for (DeviceName name : names(claim.spec(), claim.side())) {
        devices.computeIfPresent(name, (n, h) -> h.of(owner));
      }
    }
    // a closed claim may still have to void, long after its devices went to somebody else
    boolean lost = fact instanceof Fact.Voided || fact instanceof Fact.Overruled;
    if (lost && stillHolds(fact.migration())) {
      Claim claim = known(fact);
      for (DeviceName name : names(claim.spec(), claim.side())) {
        devices.computeIfPresent(name, (n, h) -> h.of(null));
      }
    }
  }

  private boolean isOver(MigrationId migration) {
    return closed.contains(migration);
  }

  private boolean stillHolds(MigrationId migration) {
    return known(migration).holdsDevices();
  }

  private static List<DeviceName> names(ClaimSpec spec, Side side) {
    return spec.devices().stream()
        .map(side == Side.SOURCE ? DevicePair::source : DevicePair::destination)
        .toList();
  }

  private Claim known(Fact fact) {
    return known(fact.migration());
  }

  private Claim known(MigrationId migration) {
    Claim claim = claims.get(migration);
    if (claim == null) {
      throw new IllegalArgumentException(
          "the slate has facts of a claim that it never made: " + migration);
    }
    return claim;
  }
}
