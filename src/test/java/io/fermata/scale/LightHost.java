package io.fermata.scale;

import io.fermata.agent.AgentLoop;
import io.fermata.agent.AgentPorts;
import io.fermata.agent.Slate;
import io.fermata.device.Capabilities;
import io.fermata.device.Capabilities.Capability;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Hop;
import io.fermata.handover.Claim;
import io.fermata.handover.Claims;
import io.fermata.handover.Effect;
import io.fermata.handover.Event;
import io.fermata.handover.Fact;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Ticket;
import io.fermata.handover.Timings;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimReport.GuestState;
import io.fermata.handover.message.HopReport;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Remembered;
import io.fermata.handover.message.Request;
import io.fermata.wire.AgentMemory;
import io.fermata.wire.AgentStatus;
import io.fermata.wire.Protocol;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An agent's real loop and claims over devices that are no more than a state each, and a slate that
 * keeps nothing: thousands of sets in one process. What a destination is to load into gets ready
 * only once that is allowed, so that any number of migrations can be held in the middle.
 */
final class LightHost implements AgentPorts, AgentPorts.Devices, AgentPorts.Replies {
  private static final AgentStatus.Profile PROFILE =
      new AgentStatus.Profile("light", "light", "light", null);
  private static final Capabilities OFFERED = Capabilities.of(Capability.STOP_COPY, Capability.P2P);

  private final HostName name;
  private final LightHosts others;
  private final String process;
  private final Claims claims;
  private final AgentLoop loop;
  private final Map<DeviceName, DeviceState> states = new ConcurrentHashMap<>();
  private final Map<Long, CompletableFuture<Answer>> answers = new ConcurrentHashMap<>();
  private final Map<Long, CompletableFuture<PeerMessage.Word>> words = new ConcurrentHashMap<>();
  private final AtomicLong tickets = new AtomicLong();
  private final Deque<Event> inbox = new ArrayDeque<>();
  private final List<Runnable> held = new ArrayList<>();
  private final LightStreams streams;
  private boolean turning;

  /**
   * @param vms whose each device is; null for a free one
   */
  LightHost(HostName name, SortedMap<String, @Nullable String> vms, LightHosts others) {
    this.name = name;
    this.others = others;
    this.process = name + "-1";
    SortedMap<DeviceName, Claims.Holding> holdings = new TreeMap<>();
    vms.forEach((device, vm) -> {
      holdings.put(new DeviceName(device), new Claims.Holding(OFFERED, vm));
      states.put(new DeviceName(device), DeviceState.RUNNING);
    });
    this.claims = new Claims(name, process, holdings);
    this.streams = new LightStreams(this, others);
    long never = Duration.ofHours(12).toNanos();
    long second = Duration.ofSeconds(1).toNanos();
    this.loop =
        new AgentLoop(
            claims,
            new Forgetful(process),
            this,
            process,
            new Timings(never, second, second, 5, 10));
    loop.start();
  }

  HostName name() {
    return name;
  }

  /** Something for the loop: one turn at a time, and none inside another. */
  synchronized void post(Event event) {
    inbox.add(event);
    turns();
  }

  private void turns() {
    if (turning) {
      return;
    }
    turning = true;
    try {
      while (!inbox.isEmpty()) {
        List<Event> events = List.copyOf(inbox);
        inbox.clear();
        loop.turn(events);
      }
    } finally {
      turning = false;
    }
  }

  /** Time passes. */
  synchronized void tick() {
    loop.turn(List.of());
    turns();
  }

  /** Whatever was held goes on. */
  synchronized void release() {
    List<Runnable> all = List.copyOf(held);
    held.clear();
    all.forEach(Runnable::run);
  }

  private synchronized <T> T look(Function<Claims, T> question) {
    return question.apply(claims);
  }

  CompletableFuture<Answer> ask(Request request) {
    Ticket ticket = new Ticket(tickets.incrementAndGet(), nanos());
    CompletableFuture<Answer> reply = new CompletableFuture<>();
    answers.put(ticket.number(), reply);
    post(new Event.Asked(request, ticket));
    return reply;
  }

  CompletableFuture<PeerMessage.Word> ask(PeerMessage message) {
    Ticket ticket = new Ticket(tickets.incrementAndGet(), nanos());
    CompletableFuture<PeerMessage.Word> reply = new CompletableFuture<>();
    words.put(ticket.number(), reply);
    post(new Event.PeerAsked(message, ticket));
    return reply;
  }

  AgentStatus status() {
    return look(known -> {
      List<AgentStatus.Claimed> open =
          known.all().stream().filter(Claim::holdsDevices).map(LightHost::line).toList();
      List<AgentStatus.Device> devices =
          known.devices().entrySet().stream()
              .map(e -> device(known, e.getKey(), e.getValue().vm()))
              .toList();
      return new AgentStatus(
          name,
          process,
          "light",
          Protocol.BUILD.versions(),
          process,
          null,
          nanos(),
          "127.0.0.1:1",
          devices,
          List.of(),
          open,
          known.all().size() - open.size(),
          new AgentStatus.Guests("none", Map.of()));
    });
  }

  private static AgentStatus.Claimed line(Claim claim) {
    ClaimReport report = claim.report(Integer.MAX_VALUE);
    return new AgentStatus.Claimed(
        claim.migration(),
        claim.side(),
        report.standing(),
        report.goal(),
        report.progress(),
        claim.spec().vm(),
        claim.spec().peer());
  }

  private AgentStatus.Device device(Claims known, DeviceName device, @Nullable String vm) {
    MigrationId holder = known.holder(device).map(Claim::migration).orElse(null);
    return new AgentStatus.Device(
        device, PROFILE, OFFERED, states.get(device), 0L, vm, holder, 4096L);
  }

  AgentMemory memory(@Nullable MigrationId after) {
    return look(known -> {
      List<Remembered> page = known.remembered(after, AgentMemory.PAGE);
      String next = page.size() < AgentMemory.PAGE ? null : page.getLast().migration().value();
      return new AgentMemory(name, null, page, next);
    });
  }

  @Override
  public void move(MigrationId migration, DeviceName device, Hop hop) {
    Runnable end = () -> arrive(migration, device, hop);
    if (hop.to() == DeviceState.RESUMING && others.isHolding()) {
      held.add(end);
    } else {
      end.run();
    }
  }

  private void arrive(MigrationId migration, DeviceName device, Hop hop) {
    states.put(device, hop.to());
    HopReport.Outcome outcome = HopReport.judge(hop, hop.to());
    long now = nanos();
    post(
        new Event.HopEnded(
            migration, new HopReport(device, hop, outcome, hop.to(), null, now, now)));
  }

  @Override
  public void look(MigrationId migration, DeviceName device) {
    post(new Event.Looked(migration, device, states.get(device)));
  }

  @Override
  public void reset(MigrationId migration, DeviceName device) {
    states.put(device, DeviceState.RUNNING);
    look(migration, device);
  }

  @Override
  public void reply(Ticket ticket, Answer answer) {
    answers.remove(ticket.number()).complete(answer);
  }

  @Override
  public void reply(Ticket ticket, PeerMessage.Word word) {
    words.remove(ticket.number()).complete(word);
  }

  long nanos() {
    return System.nanoTime();
  }

  @Override
  public Clock clock() {
    return this::nanos;
  }

  @Override
  public Devices devices() {
    return this;
  }

  @Override
  public Streams streams() {
    return streams;
  }

  /** Nobody's vCPUs are known here, as with agents that leave them to the caller. */
  @Override
  public Guests guests() {
    return (Effect.Guest wanted) ->
        post(
            new Event.GuestIs(
                wanted.migration(), wanted.run() ? GuestState.RUNNING : GuestState.PAUSED));
  }

  @Override
  public Peers peers() {
    return (url, message) -> others.tell(this, url, message);
  }

  @Override
  public Replies replies() {
    return this;
  }

  /** No process of this kind ever starts again. */
  private record Forgetful(String incarnation) implements Slate {
    @Override
    public List<Fact> facts() {
      return List.of();
    }

    @Override
    public void append(List<Fact> facts) {}

    @Override
    public void close() {}
  }
}
