package io.fermata.agent;

import io.fermata.agent.hold.HoldSettings;
import io.fermata.agent.stream.Pace;
import io.fermata.agent.stream.StreamSettings;
import io.fermata.agent.stream.tls.TlsFiles;
import io.fermata.device.DeviceName;
import io.fermata.handover.HostName;
import io.fermata.handover.Timings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What an agent is told, under {@code fermata.agent}. A misspelt property is an error.
 *
 * @param host the host's name in the inventory
 * @param directory where the slate lies; one agent, one directory
 * @param createSlate whether a slate is made where there is none; by itself only for emulated
 *     devices, since an agent that forgets what it sealed is a second owner
 * @param backend what the devices are
 * @param guest who pauses the vCPUs of machines that are not named; {@code none}: the caller
 * @param guests how virtual machines are reached
 * @param devices the devices to hold
 * @param holding how descriptors come and go
 * @param hopsPerParent hops that one physical function is asked for at once; 0 for no limit
 * @param dataPlane where device state is taken from other agents
 * @param timings the agent's times
 * @param tick how often time passes when nothing happens
 * @param queue how many requests may wait before more are turned away
 * @param closedClaims how many closed claims a restart keeps for their answers
 * @param trial kernel devices that misbehave on purpose
 * @param emulated what belongs to all emulated devices together
 */
@ConfigurationProperties(prefix = "fermata.agent", ignoreUnknownFields = false)
public record AgentSettings(
    @Nullable String host,
    @Nullable Path directory,
    @Nullable Boolean createSlate,
    @Nullable Backend backend,
    @DefaultValue("none") Guest guest,
    @DefaultValue GuestSettings guests,
    @DefaultValue List<DeviceEntry> devices,
    @DefaultValue HoldSettings holding,
    @DefaultValue("0") int hopsPerParent,
    @DefaultValue DataPlaneAddress dataPlane,
    @DefaultValue Times timings,
    @DefaultValue("20ms") Duration tick,
    @DefaultValue("4096") int queue,
    @DefaultValue("1000") int closedClaims,
    @DefaultValue List<TrialEntry> trial,
    @DefaultValue EmulatedWorld emulated) {

  /** What the devices are. */
  public enum Backend {
    /** Devices that exist in this process only, for trials and demonstrations. */
    EMULATED,
    /** VFIO devices of this host's kernel. */
    KERNEL
  }

  /** Who pauses the vCPUs. */
  public enum Guest {
    /** Whoever asks for the migration. */
    NONE,
    /** The agent, over each machine's QMP socket. */
    QMP
  }

  /**
   * The data plane.
   *
   * @param bind address and port to listen at; port 0 takes any
   * @param advertised what other hosts reach it by; null for the address bound to
   * @param tls whether streams are encrypted; by itself where the agent has an identity. A host
   *     with the kernel's devices that has none has to say so
   * @param trustDomain first part of every agent's identity, {@code spiffe://DOMAIN/agent/HOST}
   * @param certificate PEM file with this host's chain, its own certificate first; without the
   *     three files the agent's identity is used
   * @param privateKey PEM file with its key, PKCS#8
   * @param authorities PEM file with the authorities that may name agents
   * @param bytesPerSecond how much this host sends at most, all migrations together; 0: no limit
   * @param idle how long a stream may be silent before it counts as broken. While a device is
   *     inside a hop its driver may let nobody read, so it must be longer than {@code timings.hop};
   *     null for that and {@value #IDLE_SECONDS_MORE} s more, and at least 10 s
   * @param grace how long a connection may take to say whose it is, and how long it waits for that
   *     migration to be expected; shorter than half of {@code idle}
   * @param resume how long a stream whose connection broke looks for another one, on which the same
   *     image goes on; 0: a broken connection ends the attempt. The other agent must have it too
   * @param resumeFrozen how long of that while the guest is dark for it; at most {@code resume}
   * @param resumeFrames of 256 KiB, after so many a stream waits for the word that they arrived;
   *     these should cover what is under way on a long line
   * @param resumeBuffers of 256 KiB, how many sent frames this host keeps until that word comes
   * @param compression whose images this host packs when it sends them; none by itself
   */
  public record DataPlaneAddress(
      @DefaultValue("127.0.0.1:0") String bind,
      @Nullable String advertised,
      @Nullable Tls tls,
      @DefaultValue("fermata") String trustDomain,
      @Nullable Path certificate,
      @Nullable Path privateKey,
      @Nullable Path authorities,
      @DefaultValue("0") long bytesPerSecond,
      @Nullable Duration idle,
      @DefaultValue("2s") Duration grace,
      @DefaultValue("10s") Duration resume,
      @DefaultValue("200ms") Duration resumeFrozen,
      @DefaultValue("8") int resumeFrames,
      @DefaultValue("128") int resumeBuffers,
      @DefaultValue List<CompressionEntry> compression) {
    private static final int IDLE_SECONDS_MORE = 5;
    private static final Duration IDLE_LEAST = Duration.ofSeconds(10);
    private static final Duration IDLE_MOST = Duration.ofMinutes(10);

    public DataPlaneAddress {
      compression = List.copyOf(compression);
    }

    /** What holds when hops may take that long. */
    Duration idle(Duration hop) {
      if (idle != null) {
        return idle;
      }
      Duration longer = hop.plusSeconds(IDLE_SECONDS_MORE);
      return longer.compareTo(IDLE_LEAST) < 0
          ? IDLE_LEAST
          : longer.compareTo(IDLE_MOST) > 0 ? IDLE_MOST : longer;
    }

    /** How a stream outlives its connection; an impossible value is an error that names it. */
    StreamSettings.Resuming resuming() {
      return new StreamSettings.Resuming(
          resume.toMillis(), resumeFrozen.toMillis(), resumeFrames, resumeBuffers);
    }

    private Optional<String> resumeProblem() {
      try {
        var _ = resuming();
        return Optional.empty();
      } catch (IllegalArgumentException e) {
        return Optional.of(String.valueOf(e.getMessage()));
      }
    }

    private Optional<String> silenceProblem(Duration hop) {
      if (idle != null && (idle.compareTo(hop) <= 0 || idle.compareTo(IDLE_MOST) > 0)) {
        return Optional.of(
            ("idle: must be longer than timings.hop (%s), or a hop breaks the stream, and at most"
                    + " %s; is %s")
                .formatted(hop, IDLE_MOST, idle));
      }
      Duration half = idle(hop).dividedBy(2);
      return grace.toMillis() > 0 && grace.compareTo(half) < 0
          ? Optional.empty()
          : Optional.of(
              "grace: must be longer than 0 and shorter than half of idle (%s), is %s"
                  .formatted(half, grace));
    }

    TlsFiles files() {
      return new TlsFiles(trustDomain, given(certificate), given(privateKey), given(authorities));
    }

    boolean hasFiles() {
      return certificate != null && privateKey != null && authorities != null;
    }
  }

  /** Whether device state is encrypted on its way. */
  public enum Tls {
    OFF,
    REQUIRED
  }

  /**
   * The agent's times.
   *
   * @param hop after which a call that has not returned leaves its device UNKNOWN
   * @param retry pause before a failed hop of a walk back or a start is asked again
   * @param peer pause before a receipt is repeated to the other agent
   * @param peerTimeout how long an answer of the other agent is waited for
   * @param startAttempts failed rounds after which a start that moved nothing is given up
   * @param idleLeases leases of silence after which a claim whose set runs here closes itself
   */
  public record Times(
      @DefaultValue("10s") Duration hop,
      @DefaultValue("200ms") Duration retry,
      @DefaultValue("200ms") Duration peer,
      @DefaultValue("2s") Duration peerTimeout,
      @DefaultValue("5") int startAttempts,
      @DefaultValue("10") int idleLeases) {

    Timings inNanos() {
      return new Timings(hop.toNanos(), retry.toNanos(), peer.toNanos(), startAttempts, idleLeases);
    }
  }

  public AgentSettings {
    devices = List.copyOf(devices);
    trial = List.copyOf(trial);
    List<String> problems = new ArrayList<>();
    checkHost(host, problems);
    require(directory != null, "directory", "missing; where the slate lies", problems);
    require(backend != null, "backend", "missing; 'emulated' or 'kernel'", problems);
    checkDevices(backend, devices, problems);
    checkTrial(backend, devices, trial, problems);
    checkTimes(timings, tick, problems);
    holding.problems().forEach(p -> require(false, "holding" + p, "", problems));
    guests.problems(guest).forEach(p -> require(false, p, "", problems));
    checkData(dataPlane, timings, problems);
    require(queue > 0, "queue", "must be above 0, is " + queue, problems);
    require(hopsPerParent >= 0, "hops-per-parent", "must be 0 or more", problems);
    require(closedClaims >= 0, "closed-claims", "must be 0 or more", problems);
    if (!problems.isEmpty()) {
      throw new AgentMisconfigured(problems);
    }
  }

  private static void checkHost(@Nullable String host, List<String> problems) {
    if (host == null) {
      require(false, "host", "missing; the host's name in the inventory", problems);
      return;
    }
    try {
      new HostName(host);
    } catch (IllegalArgumentException e) {
      require(false, "host", "'" + host + "': " + e.getMessage(), problems);
    }
  }

  private static void checkDevices(
      @Nullable Backend backend, List<DeviceEntry> devices, List<String> problems) {
    Set<DeviceName> names = new HashSet<>();
    for (int i = 0; i < devices.size(); i++) {
      String property = "devices[" + i + "]";
      devices.get(i).problem(backend).ifPresent(p -> require(false, property + p, "", problems));
      String name = devices.get(i).name();
      if (name != null && DeviceEntry.isName(name) && !names.add(new DeviceName(name))) {
        require(false, property + ".name", "'" + name + "' is used twice", problems);
      }
    }
  }

  private static void checkTrial(
      @Nullable Backend backend,
      List<DeviceEntry> devices,
      List<TrialEntry> trial,
      List<String> problems) {
    for (int i = 0; i < trial.size(); i++) {
      String property = "trial[" + i + "]";
      TrialEntry entry = trial.get(i);
      entry.problem(backend).ifPresent(p -> require(false, property + p, "", problems));
      boolean known = devices.stream().anyMatch(d -> Objects.equals(d.name(), entry.device()));
      require(known, property + ".device", "no device of these settings has that name", problems);
    }
  }

  private static void checkTimes(Times times, Duration tick, List<String> problems) {
    positive(times.hop, "timings.hop", problems);
    positive(times.retry, "timings.retry", problems);
    positive(times.peer, "timings.peer", problems);
    positive(times.peerTimeout, "timings.peer-timeout", problems);
    positive(tick, "tick", problems);
    require(times.startAttempts > 0, "timings.start-attempts", "must be above 0", problems);
    require(times.idleLeases > 0, "timings.idle-leases", "must be above 0", problems);
  }

  private static void checkData(DataPlaneAddress data, Times times, List<String> problems) {
    data.silenceProblem(times.hop).ifPresent(p -> require(false, "data-plane." + p, "", problems));
    data.resumeProblem().ifPresent(problems::add); // it names the setting
    CompressionEntry.problems(data.compression)
        .forEach(p -> require(false, "data-plane." + p, "", problems));
    require(
        data.compression.isEmpty() || data.resume.isPositive(),
        "data-plane.compression",
        "needs resume above 0: without it an older protocol is spoken, which packs nothing",
        problems);
    long rate = data.bytesPerSecond;
    require(
        rate == Pace.UNLIMITED || rate >= Pace.BYTES_PER_SECOND_MIN,
        "data-plane.bytes-per-second",
        "must be 0 or at least " + Pace.BYTES_PER_SECOND_MIN + ", is " + rate,
        problems);
  }

  private static void positive(Duration time, String property, List<String> problems) {
    require(time.isPositive(), property, "must be longer than 0, is " + time, problems);
  }

  private static void require(
      boolean holds, String property, String problem, List<String> problems) {
    if (!holds) {
      problems.add("fermata.agent." + property + (problem.isEmpty() ? "" : ": " + problem));
    }
  }

  HostName hostName() {
    return new HostName(given(host));
  }

  Path slateDirectory() {
    return given(directory);
  }

  /** What to do where there is no slate. */
  FileSlate.Absent absentSlate() {
    boolean create = createSlate == null ? backend == Backend.EMULATED : createSlate;
    return create ? FileSlate.Absent.MAKE : FileSlate.Absent.REFUSE;
  }

  Backend kind() {
    return given(backend);
  }

  private static <T> T given(@Nullable T value) {
    if (value == null) {
      throw new IllegalStateException("the constructor lets no missing value through");
    }
    return value;
  }
}
