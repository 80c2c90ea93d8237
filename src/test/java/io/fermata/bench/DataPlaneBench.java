package io.fermata.bench;

import com.sun.management.OperatingSystemMXBean;
import io.fermata.agent.stream.Certificates;
import io.fermata.agent.stream.Compression;
import io.fermata.agent.stream.tls.TlsDoor;
import io.fermata.wire.frame.Packing;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The data plane over loopback, next to the least that could move the same bytes between the same
 * devices on as many connections: plain and encrypted, without and with the sums that the data
 * plane makes at both ends (CRC32C of each frame, SHA-256 of each image), in turns in one run. Both
 * ends run on the same cores, which real hosts do not: a rate is that of both ends together. Then
 * the same of images that can be packed to about a half, as they are and packed: over loopback that
 * can only cost. A main and no test: the figures are for people to read.
 */
final class DataPlaneBench {
  private static final long BYTES = Long.getLong("fermata.bench.plane.mib", 384) << 20;
  private static final int ROUNDS = 6;
  private static final double GIGA = 1e9;
  private static final String HALF_NOISE = "half noise, plain";
  private static final OperatingSystemMXBean CPU =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final Map<String, List<Double>> rates = new LinkedHashMap<>();
  private final Map<String, List<Double>> cpu = new LinkedHashMap<>();
  private final int devices;

  private DataPlaneBench(int devices) {
    this.devices = devices;
  }

  /** One copy of all bytes. */
  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  public static void main(String[] args) throws Exception {
    Certificates made = new Certificates(Files.createTempDirectory("fermata-bench-"));
    TlsDoor home = new TlsDoor(made.files("host-a", "host-b"));
    TlsDoor far = new TlsDoor(made.files("host-b", "host-a"));
    for (int devices : new int[] {1, 8}) {
      new DataPlaneBench(devices).run(home, far);
      new DataPlaneBench(devices).runPacked();
    }
    Figure.of("SHA-256 alone, one core", 50, digests(), "GB/s", "-", "-").tell();
    System.exit(0);
  }

  private void run(TlsDoor home, TlsDoor far) throws IOException, InterruptedException {
    long each = BYTES / devices;
    try (PlanePair plain = new PlanePair(devices, null, null);
        PlanePair tls = new PlanePair(devices, home, far)) {
      for (int round = 0; round < ROUNDS; round++) {
        measured("bare NIO", () -> bare(null, null, false, each));
        measured("bare NIO with sums", () -> bare(null, null, true, each));
        measured("data plane, plain", () -> plain.run(each));
        measured("bare TLS", () -> bare(home, far, false, each));
        measured("bare TLS with sums", () -> bare(home, far, true, each));
        measured("data plane, TLS", () -> tls.run(each));
        iperf();
      }
    }
    tell("data plane, plain", "bare NIO", ">= 0.9");
    tell("data plane, plain", "bare NIO with sums", "-");
    tell("data plane, TLS", "bare TLS", ">= 0.9");
    tell("data plane, TLS", "bare TLS with sums", "-");
    if (rates.containsKey("iperf3")) {
      tell("data plane, plain", "iperf3", "-");
    } else {
      System.out.println("there is no iperf3 on the path: it is not measured beside the others");
    }
  }

  /** Images of which half is noise, as they are and packed; a rate is of what the devices gave. */
  private void runPacked() throws IOException, InterruptedException {
    long each = BYTES / devices;
    try (PlanePair plain = new PlanePair(devices, null, null).halfNoise();
        PlanePair lz4 = packed(Packing.LZ4);
        PlanePair zstd = packed(Packing.ZSTD)) {
      for (int round = 0; round < ROUNDS; round++) {
        measured(HALF_NOISE, () -> plain.run(each));
        measured("half noise, lz4", () -> lz4.run(each));
        measured("half noise, zstd -5", () -> zstd.run(each));
      }
    }
    tell("half noise, lz4", HALF_NOISE, "-");
    tell("half noise, zstd -5", HALF_NOISE, "-");
  }

  private PlanePair packed(Packing packing) {
    var choice = new Compression.Choice(packing, Compression.LEVEL_USUAL);
    return new PlanePair(devices, null, null, new Compression(Map.of("memory/1", choice)))
        .halfNoise();
  }

  private void bare(@Nullable TlsDoor home, @Nullable TlsDoor far, boolean sums, long each)
      throws IOException, InterruptedException {
    new BareCopy(home, far, sums).run(devices, each);
  }

  private void measured(String name, Work work) throws IOException, InterruptedException {
    long burnt = CPU.getProcessCpuTime();
    long start = System.nanoTime();
    work.run();
    note(rates, name, (double) BYTES / (System.nanoTime() - start));
    note(cpu, name, (CPU.getProcessCpuTime() - burnt) / (double) BYTES);
  }

  private static void note(Map<String, List<Double>> into, String name, double value) {
    into.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
  }

  /** Without the first round, in which the code is compiled. */
  private static List<Double> warm(Map<String, List<Double>> from, String name) {
    List<Double> all = from.getOrDefault(name, List.of());
    return all.subList(Math.min(1, all.size()), all.size());
  }

  private void tell(String name, String baseline, String target) {
    List<Double> own = warm(rates, name);
    List<Double> bare = warm(rates, baseline);
    String beside = "%s %.2f GB/s".formatted(baseline, Figure.at(50, bare));
    String title = "%s, %d stream(s)".formatted(name, devices);
    Figure.of(title, 50, own, "GB/s", beside, "-").tell();
    List<Double> ratio = new ArrayList<>();
    for (int i = 0; i < own.size(); i++) {
      ratio.add(own.get(i) / bare.get(i));
    }
    Figure.of("  over " + baseline, 50, ratio, "x", beside, target).tell();
    List<Double> bareCpu = warm(cpu, baseline);
    String burnt = bareCpu.isEmpty() ? "-" : "%s %.2f".formatted(baseline, Figure.at(50, bareCpu));
    Figure.of("  CPU of both ends", 50, warm(cpu, name), "s/GB", burnt, "-").tell();
  }

  /** Where it is installed. */
  private void iperf() throws IOException, InterruptedException {
    if (System.getenv("PATH").lines().noneMatch(path -> hasIperf(path.split(":")))) {
      return;
    }
    String port = "5291";
    Process server = new ProcessBuilder("iperf3", "-s", "-1", "-p", port).start();
    Thread.sleep(200);
    Process client =
        new ProcessBuilder(
                "iperf3",
                "-c",
                "127.0.0.1",
                "-p",
                port,
                "-J",
                "-l",
                "256K",
                "-P",
                "" + devices,
                "-n",
                "" + BYTES / devices)
            .redirectErrorStream(true)
            .start();
    String said = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    client.waitFor();
    server.waitFor();
    Matcher sum =
        Pattern.compile("\"sum_received\":\\s*\\{[^}]*\"bits_per_second\":\\s*([0-9.e+]+)")
            .matcher(said);
    if (!sum.find()) {
      throw new IllegalStateException("iperf3 said " + said);
    }
    note(rates, "iperf3", Double.parseDouble(sum.group(1)) / Byte.SIZE / GIGA);
  }

  private static boolean hasIperf(String[] folders) {
    for (String folder : folders) {
      if (Files.isExecutable(Path.of(folder, "iperf3"))) {
        return true;
      }
    }
    return false;
  }

  private static List<Double> digests() throws NoSuchAlgorithmException {
    ByteBuffer block = ByteBuffer.allocateDirect(Memory.BLOCK);
    List<Double> rates = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      long start = System.nanoTime();
      for (long left = BYTES / 4; left > 0; left -= Memory.BLOCK) {
        digest.update(block.duplicate());
      }
      byte[] sum = digest.digest();
      rates.add(sum.length == 0 ? 0.0 : BYTES / 4.0 / (System.nanoTime() - start));
    }
    return rates.subList(1, ROUNDS);
  }
}
