package io.fermata.scale;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fermata.handover.Event;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Request;
import io.fermata.wire.Codec;
import io.fermata.wire.Protocol;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Any number of {@link LightHost}s behind one web server: the address that is asked, one of
 * 127.0.0.0/8, says which host is meant.
 *
 * <p>Arguments: hosts, sets of each, devices of a set. {@code release} on its input lets go of what
 * it holds.
 */
public final class LightHosts {
  static final String SAYS = "LIGHT ";
  private static final int PER_NET = 250;

  private final List<LightHost> hosts = new ArrayList<>();
  private final Codec codec = new Codec();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private volatile boolean holding = true;

  private LightHosts(int count, int sets, int devices) {
    for (int host = 0; host < count; host++) {
      SortedMap<String, @Nullable String> vms = new TreeMap<>();
      for (int set = 0; set <= sets; set++) {
        for (int device = 0; device < devices; device++) {
          vms.put("u" + set + "-" + device, vm(host, set));
          vms.put("f" + set + "-" + device, null);
        }
      }
      hosts.add(new LightHost(new HostName(name(host)), vms, this));
    }
  }

  static String name(int host) {
    return "light%05d".formatted(host);
  }

  static String vm(int host, int set) {
    return "vm-" + host + "-" + set;
  }

  /** Where that host answers. */
  static String address(int host) {
    return "127.1." + host / PER_NET + "." + (host % PER_NET + 1);
  }

  /** The order that moves a set to the next host. */
  static String order(int host, int hosts, int set, int devices) {
    List<String> pairs = new ArrayList<>();
    for (int d = 0; d < devices; d++) {
      pairs.add("{\"source\":\"u%1$d-%2$d\",\"destination\":\"f%1$d-%2$d\"}".formatted(set, d));
    }
    return "{\"vm\":\"%s\",\"source\":\"%s\",\"destination\":\"%s\",\"devices\":[%s]}"
        .formatted(vm(host, set), name(host), name((host + 1) % hosts), String.join(",", pairs));
  }

  public static void main(String[] args) throws IOException {
    // connections are the other side's to close: it may hold one per migration
    System.setProperty("sun.net.httpserver.maxIdleConnections", "100000");
    System.setProperty("sun.net.httpserver.idleInterval", "36000");
    System.setProperty("jdk.httpserver.maxConnections", "-1");
    var all =
        new LightHosts(
            Integer.parseInt(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]));
    System.out.println(SAYS + all.serve());
    try (var in = new BufferedReader(new InputStreamReader(System.in, UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        all.release();
      }
    }
    System.exit(0); // whoever started it is gone
  }

  private int serve() throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(0), 10_000);
    server.setExecutor(threads);
    server.createContext("/agent/v1/requests/", exchange -> asked(exchange));
    server.createContext("/agent/v1/peer", exchange -> told(exchange));
    server.createContext("/agent/v1/status", e -> answer(e, 200, meant(e).status()));
    server.createContext("/agent/v1/memory", e -> answer(e, 200, meant(e).memory(after(e))));
    server.start();
    ScheduledExecutorService time = Executors.newSingleThreadScheduledExecutor();
    var _ =
        time.scheduleWithFixedDelay(() -> hosts.forEach(LightHost::tick), 1, 1, TimeUnit.SECONDS);
    return server.getAddress().getPort();
  }

  private LightHost meant(HttpExchange exchange) {
    byte[] at = exchange.getLocalAddress().getAddress().getAddress();
    int net = Byte.toUnsignedInt(at[at.length - 2]);
    return hosts.get(net * PER_NET + Byte.toUnsignedInt(at[at.length - 1]) - 1);
  }

  private static @Nullable MigrationId after(HttpExchange exchange) {
    String query = exchange.getRequestURI().getQuery();
    return query == null ? null : new MigrationId(query.substring("after=".length()));
  }

  private void asked(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String type = path.substring(path.lastIndexOf('/') + 1);
    Request request = codec.request(type, exchange.getRequestBody().readAllBytes());
    Answer answer = meant(exchange).ask(request).join();
    answer(exchange, answer.refusal() == null ? 200 : 409, answer);
  }

  private void told(HttpExchange exchange) throws IOException {
    PeerMessage message = codec.read(exchange.getRequestBody().readAllBytes(), PeerMessage.class);
    answer(exchange, 200, meant(exchange).ask(message).join());
  }

  private void answer(HttpExchange exchange, int status, Object value) throws IOException {
    byte[] body = codec.write(value);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.getResponseHeaders().add(Protocol.HEADER, "" + Protocol.BUILD.newest());
    exchange.sendResponseHeaders(status, body.length);
    try (exchange) {
      exchange.getResponseBody().write(body);
    }
  }

  boolean isHolding() {
    return holding;
  }

  private void release() {
    holding = false;
    hosts.forEach(LightHost::release);
  }

  LightHost host(HostName name) {
    return hosts.get(Integer.parseInt(name.value().substring("light".length())));
  }

  void later(Runnable work) {
    threads.execute(work);
  }

  /** One host tells another; the address is that of one of these hosts. */
  void tell(LightHost from, String url, PeerMessage message) {
    String[] net = java.net.URI.create(url).getHost().split("\\.");
    int number = Integer.parseInt(net[2]) * PER_NET + Integer.parseInt(net[3]) - 1;
    later(() -> from.post(new Event.PeerAnswered(hosts.get(number).ask(message).join())));
  }
}
