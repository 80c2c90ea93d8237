package io.fermata.steps;

import io.fermata.device.DeviceName;
import io.fermata.handover.Epoch;
import io.fermata.handover.Event;
import io.fermata.handover.Fact;
import io.fermata.handover.HostName;
import io.fermata.handover.ImageDigest;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Receipt;
import io.fermata.handover.Stop;
import io.fermata.handover.Testimony;
import io.fermata.handover.Ticket;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.ClaimSpec.DevicePair;
import io.fermata.handover.message.Header;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Request;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Everything that an agent may be asked out of turn. Receipts in it are true ones, issued at some
 * time, or name what never was; whatever else could be forged only a hostile host could.
 */
final class Strays {
  private static final Stop NEVER = new Stop("another-slate", 99);
  private static final HostName NOBODY = new HostName("host-z");
  private static final MigrationId SECOND = new MigrationId("second00");
  private static final Testimony WORD = new Testimony("ops", "seen", "none", 1);
  private static final Map<String, Function<Strays, Object>> ALL = all();

  private final Host host;

  Strays(Host host) {
    this.host = host;
  }

  /** The names of all strays. */
  static List<String> names() {
    return List.copyOf(ALL.keySet());
  }

  /** The stray of that name as it would be now. */
  Event event(String name, Ticket ticket) {
    Function<Strays, Object> stray = ALL.get(name);
    if (stray == null) {
      throw new IllegalArgumentException("no stray is called " + name);
    }
    return switch (stray.apply(this)) {
      case Request request -> new Event.Asked(request, ticket);
      case PeerMessage message -> new Event.PeerAsked(message, ticket);
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static Map<String, Function<Strays, Object>> all() {
    Map<String, Function<Strays, Object>> all = new TreeMap<>();
    all.put("claim-source", s -> new Request.ClaimSource(s.header(), s.spec("vm")));
    all.put("claim-source other", s -> new Request.ClaimSource(s.header(), s.spec("vm-3")));
    all.put("claim-destination", s -> new Request.ClaimDestination(s.header(), s.spec("vm")));
    all.put("claim-destination other", s -> new Request.ClaimDestination(s.header(), s.spec("v")));
    all.put("pre-copy", s -> new Request.PreCopy(s.header()));
    all.put("quiesce", s -> new Request.Quiesce(s.header()));
    all.put("quiesce and go on", s -> new Request.Quiesce(s.header(), true));
    all.put("freeze", s -> new Request.Freeze(s.header(), s.stop()));
    all.put("freeze other", s -> new Request.Freeze(s.header(), NEVER));
    all.put("copy", s -> new Request.Copy(s.header(), s.stop()));
    all.put("load", s -> new Request.Load(s.header()));
    all.put("seal", s -> new Request.Seal(s.header(), s.ready(s.stop(), s.there())));
    all.put("seal other stop", s -> new Request.Seal(s.header(), s.ready(NEVER, s.there())));
    all.put("seal elsewhere", s -> new Request.Seal(s.header(), s.ready(s.stop(), NOBODY)));
    all.put("seal other images", s -> new Request.Seal(s.header(), s.spoilt()));
    all.put("start", s -> new Request.Start(s.header(), s.seal()));
    all.put("start other stop", s -> new Request.Start(s.header(), s.sealed(NEVER, s.there())));
    all.put("start elsewhere", s -> new Request.Start(s.header(), s.sealed(s.stop(), NOBODY)));
    all.put("start other images", s -> new Request.Start(s.header(), s.spoiltSeal()));
    all.put("void", s -> new Request.VoidCopy(s.header(), s.stop()));
    all.put("void other", s -> new Request.VoidCopy(s.header(), NEVER));
    all.put("void all", s -> new Request.VoidCopy(s.header(), null));
    all.put("unseal other", s -> new Request.Unseal(s.header(), s.voided(NEVER)));
    all.put("unseal", s -> new Request.Unseal(s.header(), s.trueVoid()));
    all.put("return", s -> new Request.Return(s.header()));
    all.put("release other", s -> new Request.Release(s.header(), s.started(NEVER)));
    all.put("release", s -> new Request.Release(s.header(), s.trueStart()));
    all.put("reclaim other", s -> new Request.Reclaim(s.header(), NEVER, s.there(), WORD));
    all.put("adopt other", s -> new Request.Adopt(s.header(), NEVER, WORD));
    all.put("surrender other", s -> new Request.Surrender(s.header(), NEVER, WORD));
    all.put("close", s -> new Request.Close(s.header()));
    all.put("renew", s -> new Request.Renew(s.header()));
    all.put("renew stale", s -> new Request.Renew(s.header(new Epoch(0, "o0"))));
    all.put("renew rival", s -> new Request.Renew(s.header(new Epoch(s.epoch().number(), "x"))));
    all.put("settle sealed", s -> new PeerMessage.Settle(s.id(), s.seal()));
    all.put("settle started", s -> new PeerMessage.Settle(s.id(), s.trueStart()));
    all.put("settle voided", s -> new PeerMessage.Settle(s.id(), s.trueVoid()));
    all.put("settle other", s -> new PeerMessage.Settle(s.id(), s.voided(NEVER)));
    all.put("inquire", s -> new PeerMessage.Inquire(s.id(), s.stop()));
    all.put("inquire other", s -> new PeerMessage.Inquire(s.id(), NEVER));
    all.put("second claim", s -> s.second("vm", "d0", s.host.name));
    all.put("second claim of part", s -> s.second("vm-2", "d0", s.host.name));
    all.put("second claim of nothing", s -> s.second("vm-2", "missing", s.host.name));
    all.put("second claim of fixed", s -> s.second("vm-2", "fixed", s.host.name));
    all.put("second claim of rude", s -> s.second("vm-2", "rude", s.host.name));
    all.put("second claim of free", s -> s.second("vm-9", "rude", s.host.name));
    all.put("second claim elsewhere", s -> s.second("vm", "d0", NOBODY.value()));
    return all;
  }

  private Request second(String vm, String device, String self) {
    DeviceName named = new DeviceName(device);
    DeviceName beside = new DeviceName("other");
    boolean alone = vm.equals("vm-9");
    var pairs =
        alone
            ? List.of(new DevicePair(named, named))
            : List.of(new DevicePair(named, named), new DevicePair(beside, beside));
    var spec =
        new ClaimSpec(
            vm, pairs, new HostName(self), there(), "http://" + there(), "d:1", "t", 1_000);
    Header header = new Header(SECOND, new Epoch(1, "second"), 0, 0);
    return new Request.ClaimSource(header, spec);
  }

  private MigrationId id() {
    MigrationId id = host.stage().orchestrators.migration();
    return id == null ? new MigrationId("m0000000") : id;
  }

  private Epoch epoch() {
    ClaimReport report = host.report();
    return report == null ? new Epoch(1, "o1") : report.promised();
  }

  private Header header() {
    return header(epoch());
  }

  private Header header(Epoch epoch) {
    return new Header(id(), epoch, 0, 0);
  }

  private HostName there() {
    return new HostName(host.stage().other(host).name);
  }

  /** The claim's own specification where there is one, for that VM. */
  private ClaimSpec spec(String vm) {
    for (Fact fact : host.slate) {
      if (fact instanceof Fact.Claimed claimed && claimed.migration().equals(id())) {
        ClaimSpec s = claimed.spec();
        return new ClaimSpec(
            vm,
            s.devices(),
            s.self(),
            s.peer(),
            s.peerUrl(),
            s.peerData(),
            s.token(),
            s.leaseMillis());
      }
    }
    DevicePair pair = new DevicePair(new DeviceName("d0"), new DeviceName("d0"));
    HostName self = new HostName(host.name);
    return new ClaimSpec(vm, List.of(pair), self, there(), "http://" + there(), "d:1", "t", 1_000);
  }

  /** The stop that the source handed out last. */
  private Stop stop() {
    Stop last = NEVER;
    for (Fact fact : host.stage().host(Stage.SOURCE).slate) {
      last = fact instanceof Fact.Stopped stopped ? stopped.stop() : last;
    }
    return last;
  }

  private Receipt.Ready ready(Stop stop, HostName to) {
    return new Receipt.Ready(id(), stop, to, List.of());
  }

  private Receipt.Sealed sealed(Stop stop, HostName to) {
    return new Receipt.Sealed(id(), stop, to, List.of());
  }

  private Receipt.Ready spoilt() {
    ImageDigest other = new ImageDigest(new DeviceName("d0"), 1, "other");
    return new Receipt.Ready(id(), stop(), there(), List.of(other));
  }

  private Receipt.Sealed spoiltSeal() {
    ImageDigest other = new ImageDigest(new DeviceName("d0"), 1, "other");
    return new Receipt.Sealed(id(), stop(), new HostName(host.name), List.of(other));
  }

  /** The last seal that the source gave; one of nobody's where it gave none. */
  private Receipt.Sealed seal() {
    Receipt.Sealed last = sealed(NEVER, NOBODY);
    for (Fact fact : host.stage().host(Stage.SOURCE).slate) {
      last = fact instanceof Fact.Sealed given ? given.receipt() : last;
    }
    return last;
  }

  private Receipt.Voided voided(Stop stop) {
    return new Receipt.Voided(id(), stop, new HostName(Stage.DESTINATION));
  }

  private Receipt.Started started(Stop stop) {
    return new Receipt.Started(id(), stop, new HostName(Stage.DESTINATION));
  }

  private Receipt.Voided trueVoid() {
    Receipt.@Nullable Voided last = null;
    for (Fact fact : host.stage().host(Stage.DESTINATION).slate) {
      last = fact instanceof Fact.Voided f ? voided(f.stop()) : last;
    }
    return last == null ? voided(NEVER) : last;
  }

  /** A start receipt that the destination gives now; one of a stop that never was otherwise. */
  private Receipt.Started trueStart() {
    ClaimReport report = host.stage().host(Stage.DESTINATION).report();
    return report == null
        ? started(NEVER)
        : report.receipts().stream()
            .filter(Receipt.Started.class::isInstance)
            .map(Receipt.Started.class::cast)
            .findFirst()
            .orElse(started(NEVER));
  }
}
