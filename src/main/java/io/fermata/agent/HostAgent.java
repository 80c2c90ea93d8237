package io.fermata.agent;

import io.fermata.agent.device.DeviceControl;
import io.fermata.device.Capabilities;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.handover.Claims;
import io.fermata.handover.Event;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Remembered;
import io.fermata.handover.message.Request;
import io.fermata.wire.AgentMemory;
import io.fermata.wire.AgentStatus;
import io.fermata.wire.Codec;
import io.fermata.wire.DeviceReset;
import io.fermata.wire.tls.ProcessIdentity;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A whole agent: devices, slate, loop, peers and streams put together, and what may be asked of it.
 */
public final class HostAgent implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(HostAgent.class.getName());

  private final AgentSettings settings;
  private final Identity identity;
  private final HostDevices devices;
  private final List<Integer> versions;
  private final KnownClaims slate;
  private final Notary notary;
  private final Claims claims;
  private final Mailbox mailbox;
  private final WaitingReplies replies;
  private final DeviceThreads threads;
  private final OperatorResets resets;
  private final DataPorts data;
  private final HttpPeers peers;
  private final Guests guests;
  private final AgentThread thread;
  private final AgentPorts.Clock clock;

  /**
   * Who this process is.
   *
   * @param process no other process has the same
   * @param version of the build
   */
  record Identity(String process, String version) {}

  /** What the agent takes from the machine. */
  record Machine(
      AgentPorts.Clock clock,
      Supplier<String> names,
      AgentThread.Ending ending,
      AgentMetrics metrics,
      ProcessIdentity proof) {}

  HostAgent(
      AgentSettings settings,
      Identity identity,
      HostDevices devices,
      Machine machine,
      Codec codec) {
    this.settings = settings;
    this.identity = identity;
    this.devices = devices;
    this.versions = codec.protocol().versions();
    this.clock = machine.clock;
    this.mailbox = new Mailbox(settings.queue());
    this.replies = new WaitingReplies(clock);
    Slate found = slate(settings, codec, machine.names);
    this.slate = new KnownClaims(found);
    this.notary = new Notary(machine.proof, slate);
    this.claims = new Claims(settings.hostName(), slate.incarnation(), devices.holdings());
    if (found instanceof QuietSlate(String reason)) {
      claims.keepQuiet(reason);
    }
    // First the loop, then the metrics: a hop that has ended is waited for.
    Consumer<Event> post = mailbox::post;
    Consumer<Event> told = post.andThen(machine.metrics::on);
    var turns = new ParentTurns(settings.hopsPerParent(), settings.timings().hop());
    this.threads = new DeviceThreads(devices.devices().values(), clock, told, turns);
    this.resets = new OperatorResets(settings.hostName(), threads, machine.metrics);
    this.data =
        DataPorts.open(devices, settings, clock, told, machine.proof, machine.metrics::packed);
    machine.metrics.show(
        name -> threads.sight(name).map(DeviceThreads.Sight::state).orElse(DeviceState.UNKNOWN));
    this.peers =
        new HttpPeers(
            new HttpPeers.Line(
                machine.proof.clients(
                    settings.timings().peerTimeout(), (host, port, peer) -> peer.isAgent()),
                settings.timings().peerTimeout()),
            codec,
            new HttpPeers.Proofs(notary, machine.metrics::unproven),
            mailbox::post);
    this.guests = new Guests(settings, clock, mailbox::post);
    var world =
        new AgentWorld(
            clock, machine.metrics.counting(threads), data.streams(), guests, peers, replies);
    var loop = new AgentLoop(claims, slate, world, identity.process, settings.timings().inNanos());
    this.thread = new AgentThread(loop, mailbox, settings.tick().toNanos(), machine.ending);
  }

  private static Slate slate(AgentSettings settings, Codec codec, Supplier<String> names) {
    try {
      return FileSlate.open(
          settings.slateDirectory(), codec, settings.closedClaims(), names, settings.absentSlate());
    } catch (SlateFault e) {
      LOG.log(System.Logger.Level.ERROR, "keeping quiet, because the slate cannot be read", e);
      return new QuietSlate(String.valueOf(e.getMessage()));
    }
  }

  /** Takes up what the slate demands, and from then on whatever comes. */
  void start() {
    thread.start();
  }

  /** Hands a request to the loop; empty when too much waits there. */
  Optional<CompletableFuture<Answer>> ask(Request request) {
    var waiting = replies.forAnswer();
    return handed(new Event.Asked(request, waiting.ticket()), waiting.reply());
  }

  /** Hands another agent's message to the loop; empty when too much waits there. */
  Optional<CompletableFuture<PeerMessage.Word>> ask(PeerMessage message) {
    var waiting = replies.forWord();
    return handed(new Event.PeerAsked(message, waiting.ticket()), waiting.reply());
  }

  /**
   * Why this request is not even handed to the loop: the guest of a claim that is not made yet
   * cannot be reached. Blocks until the guest answers or its deadlines are over.
   */
  Optional<Answer> objection(Request request) {
    long received = clock.nanos();
    return guests
        .objection(request)
        .map(why -> new Answer(why, null, identity.process, received, clock.nanos()));
  }

  private <T> Optional<CompletableFuture<T>> handed(Event event, CompletableFuture<T> reply) {
    if (mailbox.offer(event)) {
      return Optional.of(reply);
    }
    reply.cancel(false);
    return Optional.empty();
  }

  /** Limits what is sent for a migration; 0 for no limit. */
  void limit(MigrationId migration, long bytesPerSecond) {
    data.streams().limit(migration, bytesPerSecond);
  }

  /** One claim as it stands. */
  CompletableFuture<Optional<ClaimReport>> claim(MigrationId migration) {
    return look(known -> known.report(migration));
  }

  /**
   * A device's descriptor came: what its driver offers counts from now on, also for the claims that
   * a restart found before the descriptor was here.
   */
  CompletableFuture<Boolean> gained(DeviceName device) {
    Capabilities offered =
        Optional.ofNullable(devices.devices().get(device))
            .map(DeviceControl::capabilities)
            .orElseGet(Capabilities::of);
    threads.refresh(device);
    return look(known -> {
      known.offers(device, offered);
      return true;
    });
  }

  /** Takes a device out of what may be claimed; false while a claim holds it. */
  CompletableFuture<Boolean> loses(DeviceName device) {
    return look(known -> {
      boolean free = known.holder(device).isEmpty();
      if (free) {
        known.offers(device, null);
      }
      return free;
    });
  }

  /** Whether the loop turns. */
  CompletableFuture<Boolean> alive() {
    return look(known -> true);
  }

  /** The whole agent as it stands. Devices that nobody moves are read again meanwhile. */
  CompletableFuture<AgentStatus> status() {
    return look(known -> new StatusView(known, threads, devices).at(clock.nanos(), this));
  }

  /** What is remembered of the claims after that one, a page of it. */
  CompletableFuture<AgentMemory> memory(@Nullable MigrationId after) {
    return look(known -> {
      List<Remembered> page = known.remembered(after, AgentMemory.PAGE);
      String next = page.size() < AgentMemory.PAGE ? null : page.getLast().migration().value();
      return new AgentMemory(host(), known.quiet().orElse(null), page, next);
    });
  }

  /** Resets a device on an operator's word, or says what is against it. */
  CompletableFuture<DeviceReset.Done> reset(DeviceName device, DeviceReset wish) {
    return look(known -> resets.reset(known, device, wish)).thenCompose(Function.identity());
  }

  private <T> CompletableFuture<T> look(Function<Claims, T> question) {
    return mailbox.ask(claims, question);
  }

  HostName host() {
    return settings.hostName();
  }

  Identity identity() {
    return identity;
  }

  /** Those of the control protocol, newest first. */
  List<Integer> versions() {
    return versions;
  }

  String incarnation() {
    return slate.incarnation();
  }

  String dataPlane() {
    return data.advertised();
  }

  Guests guests() {
    return guests;
  }

  HostDevices devices() {
    return devices;
  }

  Notary notary() {
    return notary;
  }

  long now() {
    return clock.nanos();
  }

  /** Ends the loop first: what the others still do then comes to nothing. */
  @Override
  public void close() {
    thread.close();
    data.close();
    peers.close();
    guests.close();
    threads.close();
    slate.close();
  }
}
