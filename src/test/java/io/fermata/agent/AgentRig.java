package io.fermata.agent;

import static org.junit.jupiter.api.Assertions.assertNull;

import io.fermata.Fermata;
import io.fermata.Role;
import io.fermata.device.DeviceName;
import io.fermata.fleet.HttpAgentClient;
import io.fermata.handover.Epoch;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.Header;
import io.fermata.handover.message.Request;
import io.fermata.wire.AgentStatus;
import io.fermata.wire.Codec;
import io.fermata.wire.Protocol;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.springframework.context.ConfigurableApplicationContext;

/** An agent with two emulated devices, behind its real HTTP port, and a client to it. */
final class AgentRig implements AutoCloseable {
  static final Codec CODEC = new Codec();
  static final MigrationId MIGRATION = new MigrationId("m0001");
  static final Epoch EPOCH = new Epoch(1, "test");
  static final String NOTHING_MORE = "--spring.main.sources=";
  private static final ServerSocket SILENT = silent();
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final ConfigurableApplicationContext context;
  private HttpAgentClient client = new HttpAgentClient(CODEC, Duration.ofSeconds(2));
  final HostName host;
  final URI url;

  AgentRig(String host, Path directory, String... more) {
    this.host = new HostName(host);
    this.context = Fermata.start(Role.AGENT, settings(host, directory, 0, more));
    this.url = url(context.getEnvironment().getProperty("local.server.port"));
  }

  static List<String> settings(String host, Path directory, int port, String... more) {
    List<String> settings = new ArrayList<>();
    settings.add("--server.port=" + port);
    settings.add("--fermata.agent.host=" + host);
    settings.add("--fermata.agent.directory=" + directory);
    settings.add("--fermata.agent.backend=emulated");
    settings.add("--fermata.agent.devices[0].name=gpu0");
    settings.add("--fermata.agent.devices[0].profile=gpu");
    settings.add("--fermata.agent.devices[1].name=nic0");
    settings.add("--fermata.agent.devices[1].profile=connectx");
    settings.addAll(List.of(more));
    return settings;
  }

  static String[] ofVm(String vm) {
    return new String[] {
      "--fermata.agent.devices[0].vm=" + vm, "--fermata.agent.devices[1].vm=" + vm
    };
  }

  /** A data plane that takes connections and says nothing: streams wait for its welcome. */
  static String silentDataPlane() {
    return "127.0.0.1:" + SILENT.getLocalPort();
  }

  private static ServerSocket silent() {
    try {
      return new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static URI url(String port) {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** From now on whoever asks speaks these versions. */
  void askedIn(Protocol versions) {
    client.close();
    client = new HttpAgentClient(new Codec(versions), Duration.ofSeconds(2));
  }

  HttpAgentClient client() {
    return client;
  }

  Answer ask(Request request) {
    return client.ask(url, request, PATIENCE).join();
  }

  /** Asks and expects no refusal. */
  Answer done(Request request) {
    Answer answer = ask(request);
    assertNull(answer.refusal(), () -> request + " was refused: " + answer);
    return answer;
  }

  AgentStatus status() {
    return client.status(url, PATIENCE).join();
  }

  static Header waiting(long millis) {
    return new Header(MIGRATION, EPOCH, millis, 0);
  }

  /** The claim of both devices, as this host is told of it. */
  ClaimSpec spec(HostName peer, URI peerUrl, String destinationData, long leaseMillis) {
    return new ClaimSpec(
        "vm-1",
        List.of(pair("gpu0"), pair("nic0")),
        host,
        peer,
        peerUrl.toString(),
        destinationData,
        "a-secret",
        leaseMillis);
  }

  private static ClaimSpec.DevicePair pair(String name) {
    return new ClaimSpec.DevicePair(new DeviceName(name), new DeviceName(name));
  }

  @Override
  public void close() {
    client.close();
    context.close();
  }
}
