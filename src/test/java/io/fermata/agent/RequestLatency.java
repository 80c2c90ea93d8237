package io.fermata.agent;

import io.fermata.handover.HostName;
import io.fermata.handover.message.Request;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * How long one request takes that moves nothing and writes nothing, over loopback HTTP, one after
 * another. A program, not a test: figures of a shared machine prove nothing by themselves.
 */
final class RequestLatency {
  private static final int WARM_UP = 3_000;
  private static final int MEASURED = 10_000;

  private RequestLatency() {}

  public static void main(String[] args) throws IOException {
    Path folder = Files.createTempDirectory("latency");
    try (var agent = new AgentRig("host-a", folder, AgentRig.ofVm("vm-1"))) {
      var spec =
          agent.spec(new HostName("b"), URI.create("http://127.0.0.1:1"), "127.0.0.1:1", 60_000);
      agent.done(new Request.ClaimSource(AgentRig.waiting(0), spec));
      var renewal = new Request.Renew(AgentRig.waiting(0));
      for (int i = 0; i < WARM_UP; i++) {
        agent.done(renewal);
      }
      long[] nanos = new long[MEASURED];
      for (int i = 0; i < MEASURED; i++) {
        long start = System.nanoTime();
        agent.done(renewal);
        nanos[i] = System.nanoTime() - start;
      }
      Arrays.sort(nanos);
      System.out.printf(
          "renew over loopback HTTP: p50 %d us, p99 %d us, max %d us%n",
          nanos[MEASURED / 2] / 1000,
          nanos[MEASURED * 99 / 100] / 1000,
          nanos[MEASURED - 1] / 1000);
    }
  }
}
