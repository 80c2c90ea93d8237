package io.fermata.fleet;

import io.fermata.device.Capabilities;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.fleet.HostView.AgentState;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.wire.AgentStatus;
import io.fermata.wire.DeviceReset;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The fleet as polling shows it: every agent is asked again and again, and silence only makes what
 * is known older.
 */
public final class PolledFleet implements Fleet, Resets, AutoCloseable {
  /** Longer than the agent waits for the driver. */
  private static final Duration RESET = Duration.ofSeconds(15);

  private final Inventory inventory;
  private final FleetSettings settings;
  private final AgentClient client;
  private final InstantSource time;
  private volatile Map<HostName, HostMarks> marks = Map.of();
  private final ConcurrentMap<HostName, Sight> sights = new ConcurrentHashMap<>();
  private final ConcurrentMap<HostName, CompletableFuture<?>> asked = new ConcurrentHashMap<>();
  private final ScheduledExecutorService poller =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("fleet-poll").unstarted(task));

  /**
   * What the agent at that address last said, and since when it says nothing.
   *
   * @param devices as it said then; made once, for migrations look at them again and again
   */
  private record Sight(
      URI agent,
      @Nullable AgentStatus status,
      long seenMillis,
      @Nullable String trouble,
      List<DeviceView> devices) {}

  public PolledFleet(
      FleetSettings settings, Inventory inventory, AgentClient client, InstantSource time) {
    this.settings = settings;
    this.client = client;
    this.time = time;
    this.inventory = inventory;
  }

  /**
   * Asks everyone once, and goes on polling. The first round is waited for: what a restart takes up
   * again would else be judged by a fleet that nobody has asked yet.
   */
  public void start() {
    CompletableFuture.allOf(pollAll().toArray(CompletableFuture[]::new)).join();
    long period = settings.poll().toMillis();
    var _ = poller.scheduleWithFixedDelay(this::pollAgain, period, period, TimeUnit.MILLISECONDS);
  }

  /** A task that throws is never run again, and nobody would hear of any host any more. */
  private void pollAgain() {
    try {
      pollAll();
    } catch (RuntimeException e) {
      System.getLogger(Fleet.class.getName())
          .log(System.Logger.Level.ERROR, "not every agent could be asked; they are again", e);
    }
  }

  private List<CompletableFuture<?>> pollAll() {
    List<CompletableFuture<?>> round = new ArrayList<>();
    inventory.hosts().forEach((name, host) -> round.add(poll(name, agent(host))));
    return round;
  }

  /** At most one question per agent is out. */
  private CompletableFuture<?> poll(HostName name, URI agent) {
    return asked.computeIfAbsent(
        name,
        host ->
            client
                .status(agent, settings.timeout())
                .handle((status, fault) -> note(host, agent, status, fault))
                .whenCompleteAsync((done, fault) -> asked.remove(host)));
  }

  private Sight note(
      HostName host, URI agent, @Nullable AgentStatus status, @Nullable Throwable fault) {
    if (status == null) {
      String why = fault == null ? "no answer" : reason(fault);
      return sights.merge(
          host,
          new Sight(agent, null, 0, why, List.of()),
          (old, now) ->
              old.agent().equals(agent)
                  ? new Sight(agent, old.status(), old.seenMillis(), now.trouble(), old.devices())
                  : now);
    }
    if (!status.host().equals(host)) {
      var other = new IllegalStateException("the agent there calls itself " + status.host());
      return note(
          host, agent, null, other); // it speaks for another host: nothing is known of this one
    }
    long now = time.millis();
    Sight sight = new Sight(agent, status, now, null, devices(host, status, now));
    sights.put(host, sight);
    return sight;
  }

  private static String reason(Throwable fault) {
    Throwable cause = fault.getCause() == null ? fault : fault.getCause();
    return String.valueOf(cause.getMessage());
  }

  @Override
  public List<HostView> hosts() {
    List<HostView> views = new ArrayList<>();
    inventory.hosts().forEach((name, host) -> views.add(marked(name, host)));
    return List.copyOf(views);
  }

  /** From now on operators say this of the hosts. */
  public void marks(Map<HostName, HostMarks> said) {
    inventory.said(said);
    marks = said;
  }

  private HostView marked(HostName name, FleetSettings.Host host) {
    return view(name, host).marked(marks.getOrDefault(name, HostMarks.NONE));
  }

  @Override
  public Optional<HostView> host(HostName name) {
    return Optional.ofNullable(inventory.hosts().get(name)).map(host -> marked(name, host));
  }

  @Override
  public Optional<HostView> refresh(HostName name) {
    FleetSettings.Host known = inventory.hosts().get(name);
    if (known != null) {
      poll(name, agent(known)).join(); // ends by itself: the client has its time-out
    }
    return host(name);
  }

  @Override
  public Optional<String> objection(URI address) {
    return inventory.objection(address);
  }

  @Override
  public void refreshAnswering() {
    List<CompletableFuture<?>> round = new ArrayList<>();
    inventory
        .hosts()
        .forEach((name, host) -> {
          Sight sight = sight(name, host);
          if (sight != null && sight.trouble() == null) {
            round.add(poll(name, agent(host)));
          }
        });
    CompletableFuture.allOf(round.toArray(CompletableFuture[]::new)).join();
  }

  /** With a question of its own: the one that is out may have been answered already. */
  @Override
  public Optional<AgentWord> ask(HostName name) {
    FleetSettings.Host known = inventory.hosts().get(name);
    if (known == null) {
      return Optional.empty();
    }
    return client
        .status(agent(known), settings.timeout())
        .handle((status, fault) -> {
          Sight sight = note(name, agent(known), status, fault);
          return sight.trouble() == null && status != null
              ? Optional.of(word(name, known, status, sight.devices()))
              : Optional.<AgentWord>empty();
        })
        .join(); // ends by itself: the client has its time-out
  }

  /** Of that answer and no other, whatever the poll has learned since. */
  private AgentWord word(
      HostName name, FleetSettings.Host known, AgentStatus status, List<DeviceView> devices) {
    HostView host = marked(name, known).withDevices(devices);
    List<MigrationId> claims =
        status.claims().stream().map(AgentStatus.Claimed::migration).distinct().sorted().toList();
    return new AgentWord(host, claims, status.incarnation());
  }

  @Override
  public CompletableFuture<Outcome> reset(HostName host, DeviceName device, Wish wish) {
    var asked = new DeviceReset(wish.actor(), wish.reason(), wish.allowGuestImpact());
    FleetSettings.Host known = inventory.hosts().get(host);
    if (known == null) {
      return CompletableFuture.failedFuture(new IllegalStateException(host + " was retired"));
    }
    return client
        .reset(agent(known), device, asked, RESET)
        .thenApply(done -> new Outcome(done.before(), done.after(), done.objection()));
  }

  private static URI agent(FleetSettings.Host host) {
    return Objects.requireNonNull(host.agent());
  }

  /** What was heard from another address tells nothing of this one. */
  private @Nullable Sight sight(HostName name, FleetSettings.Host host) {
    Sight sight = sights.get(name);
    return sight != null && sight.agent().equals(agent(host)) ? sight : null;
  }

  private HostView view(HostName name, FleetSettings.Host host) {
    Sight sight = sight(name, host);
    AgentStatus status = sight == null ? null : sight.status();
    return new HostView(
        name,
        agent(host),
        host.peer() == null ? agent(host) : host.peer(),
        status == null ? null : status.dataPlane(),
        host.labels(),
        host.schedulable(),
        state(sight),
        status == null ? null : status.version(),
        host.linkBytesPerSecond(),
        status == null || sight == null ? null : sight.seenMillis(),
        null,
        trouble(sight),
        sight == null ? List.of() : sight.devices(),
        status == null ? null : guests(status),
        HostMarks.NONE);
  }

  private static HostView.@Nullable Guests guests(AgentStatus status) {
    AgentStatus.Guests told = status.guests();
    return told == null ? null : new HostView.Guests(told.rest(), told.named());
  }

  private AgentState state(@Nullable Sight sight) {
    if (sight == null || sight.status() == null) {
      return AgentState.UNKNOWN;
    }
    long silence = time.millis() - sight.seenMillis();
    if (silence >= settings.lost().toMillis()) {
      return AgentState.LOST;
    }
    if (silence >= settings.stale().toMillis()) {
      return AgentState.STALE;
    }
    return sight.status().quiet() == null ? AgentState.READY : AgentState.QUIET;
  }

  private static @Nullable String trouble(@Nullable Sight sight) {
    if (sight == null) {
      return "not asked yet";
    }
    boolean quiet = sight.trouble() == null && sight.status() != null;
    return quiet ? Objects.requireNonNull(sight.status()).quiet() : sight.trouble();
  }

  private static List<DeviceView> devices(HostName host, AgentStatus status, long seenMillis) {
    List<DeviceView> views = new ArrayList<>();
    for (AgentStatus.Device d : status.devices()) {
      long age = d.ageMillis() == null ? 0 : d.ageMillis();
      MigrationId claim = d.claim();
      views.add(
          new DeviceView(
              host,
              d.name(),
              d.profile().backend(),
              d.profile().driver(),
              d.profile().model(),
              d.capabilities(),
              d.state(),
              seenMillis - age,
              d.vm(),
              claim == null ? null : claim.value(),
              d.dataSize(),
              null));
    }
    status.unavailable().forEach(u -> views.add(unavailable(host, u, seenMillis)));
    return List.copyOf(views);
  }

  private static DeviceView unavailable(
      HostName host, AgentStatus.Unavailable device, long seenMillis) {
    return new DeviceView(
        host,
        device.name(),
        "?",
        "?",
        "?",
        Capabilities.of(),
        DeviceState.UNKNOWN,
        seenMillis,
        null,
        null,
        null,
        device.reason());
  }

  @Override
  public void close() {
    poller.shutdownNow();
  }
}
