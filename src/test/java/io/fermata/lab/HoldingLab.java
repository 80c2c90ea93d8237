package io.fermata.lab;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Two lab hosts with 24 devices each, as many as the driver has, and an orchestrator outside. On
 * each of them a stand-in for a VMM holds the devices all the time: gamma's agent adopts them, on
 * delta they are sent to the agent. The agents are killed and started; the VMMs stay.
 */
final class HoldingLab implements AutoCloseable {
  static final int DEVICES = 24;

  /** All devices of gamma at once. */
  static final String ALL = "vm-all";

  /** Of which every hop into STOP takes longer, by a trial setting. */
  static final String DELAYED = "mtty23";

  static final String DELAY = "300ms";

  private static final int GAMMA_STAMP = 0x21;
  private static final int DELTA_STAMP = 0xa1;

  private final String launch;
  private final List<AutoCloseable> open = new ArrayList<>();

  final LabHost gamma;
  final LabHost delta;
  final Gates atGamma;
  final Gates atDelta;
  final Orchestrator orchestrator;

  /** A machine of two neighbours. */
  record Vm(int number) {
    String name() {
      return "vm-" + number;
    }

    String first() {
      return "mtty" + 2 * number;
    }

    /** Both devices, each to the place of the same name. */
    Map<String, String> pairs() {
      String second = "mtty" + (2 * number + 1);
      return new TreeMap<>(Map.of(first(), first(), second, second));
    }
  }

  /** Two hosts' gates and where their logs ended. */
  record Marks(Gates from, int fromSince, Gates to, int toSince) {}

  HoldingLab(Path jar) {
    Path below = Path.of("target/lab").toAbsolutePath();
    Lab.cleared(below, List.of("gamma", "delta", "journal-holding"));
    List<Integer> ports = Lab.freePorts(4);
    var first = new LabHost.Plan("gamma", DEVICES, 0, ports.get(0), ports.get(1));
    var second = new LabHost.Plan("delta", DEVICES, 0, ports.get(2), ports.get(3));
    var gammaUp = Lab.later(() -> booted(first, below, GAMMA_STAMP));
    var deltaUp = Lab.later(() -> booted(second, below, DELTA_STAMP));
    try {
      this.launch = Lab.quickStart(jar, below);
      this.gamma = gammaUp.join();
      this.delta = deltaUp.join();
      this.atGamma = new Gates(gamma);
      this.atDelta = new Gates(delta);
      gamma.startVmm("hold");
      delta.startVmm("send " + LabHost.HOLD_SOCKET);
      startOneSet();
      this.orchestrator =
          kept(new Orchestrator(List.of(first, second), below.resolve("journal-holding")));
      orchestrator.awaitAtRest();
    } catch (RuntimeException | Error e) {
      gammaUp.handle((done, fault) -> fault).join();
      deltaUp.handle((done, fault) -> fault).join();
      close();
      throw e;
    }
  }

  /** What the devices of gamma were marked with. */
  static Map<String, Integer> stamps() {
    return Lab.numbered(DEVICES, GAMMA_STAMP);
  }

  /** All of gamma's devices are one machine's. */
  private void startOneSet() {
    Map<String, String> owners = new TreeMap<>();
    gamma.devices().forEach(row -> owners.put(row.name(), ALL));
    startAgents(owners, "slate-one");
  }

  /** From now on gamma has twelve machines of two devices; both agents are killed for it. */
  void startPairs() {
    Map<String, String> owners = new TreeMap<>();
    for (int i = 0; i < DEVICES / 2; i++) {
      String name = new Vm(i).name();
      new Vm(i).pairs().keySet().forEach(device -> owners.put(device, name));
    }
    gamma.tell("kill-agent");
    delta.tell("kill-agent");
    startAgents(owners, "slate-pairs");
    orchestrator.awaitAtRest();
  }

  /** Gamma's agent takes its devices out of the VMM's process; delta's are sent to it. */
  private void startAgents(Map<String, String> owners, String slate) {
    String adopted = "hold: adopt, pid-file: " + gamma.share().resolve("vmm.pid");
    gamma.startAgent(new LabHost.Start(launch, owners, trial(atGamma), slate, adopted));
    String received = "hold: receive";
    delta.startAgent(new LabHost.Start(launch, Map.of(), trial(atDelta), slate, received));
  }

  private static List<String> trial(Gates gates) {
    List<String> entries = new ArrayList<>();
    gates.host().devices().forEach(row -> entries.add(gates.trial(row.name())));
    if (gates.host().plan().name().equals("gamma")) {
      entries.add("{device: " + DELAYED + ", into: {STOP: " + DELAY + "}}");
    }
    return entries;
  }

  private LabHost booted(LabHost.Plan plan, Path below, int firstStamp) {
    LabHost host = kept(LabHost.boot(plan, below));
    host.stamp(Lab.numbered(host.devices().size(), firstStamp));
    return host;
  }

  private <T extends AutoCloseable> T kept(T resource) {
    synchronized (open) {
      open.add(resource);
    }
    return resource;
  }

  @Override
  public void close() {
    synchronized (open) {
      Lab.closeAll(open);
    }
  }
}
