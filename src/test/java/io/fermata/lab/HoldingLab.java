package io.fermata.lab;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Two lab hosts with 24 devices each, as many as the driver has, and an orchestrator outside. On
 * each of them a stand-in for a VMM holds the devices all the time: gamma's agent adopts one half
 * of them, all others are sent. Its agent is killed and started; the VMMs stay.
 */
final class HoldingLab implements AutoCloseable {
  static final int DEVICES = 24;

  /** Twelve machines of two devices each. */
  static final List<Vm> VMS = IntStream.range(0, DEVICES / 2).mapToObj(Vm::new).toList();

  /** Whose every hop into STOP takes longer, by a trial setting. */
  static final String DELAYED = "mtty23";

  static final String DELAY = "300ms";

  private static final String RECEIVED = "hold: receive";
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

    String second() {
      return "mtty" + (2 * number + 1);
    }

    /** Both devices, each to the place of the same name. */
    Map<String, String> pairs() {
      return new TreeMap<>(Map.of(first(), first(), second(), second()));
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
      gamma.startVmm(VMS.stream().map(Vm::second).toList());
      delta.startVmm(delta.devices().stream().map(LabHost.Row::name).toList());
      startAgents();
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

  /** Each machine's first device gamma's agent takes out of the VMM's process; all others come. */
  private void startAgents() {
    Map<String, String> owners = new TreeMap<>();
    VMS.forEach(vm -> vm.pairs().keySet().forEach(device -> owners.put(device, vm.name())));
    String adopted = "hold: adopt, pid-file: " + gamma.share().resolve("vmm.pid");
    List<String> first = VMS.stream().map(Vm::first).toList();
    gamma.startAgent(
        new LabHost.Start(
            launch, owners, trial(atGamma), "slate", d -> first.contains(d) ? adopted : RECEIVED));
    delta.startAgent(
        new LabHost.Start(launch, Map.of(), trial(atDelta), "slate", device -> RECEIVED));
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
