package io.fermata.chaos.process;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A bridge with one network namespace for each member. A link between two members can lose all
 * packets, those of one direction, or some; or it can become slow. The test itself sits on the
 * bridge and reaches everybody at any time.
 *
 * <p>Packets are dropped by the receiver's filter; slowness is a rate limit of the sender. The
 * kernel needs neither netem nor any other rare module.
 */
final class Network implements AutoCloseable {
  private static final int MOST_MEMBERS = 9;
  private static final int LOSS_PERCENT = 25;
  private static final String SLOW_RATE = "64kbit";

  private final String name;
  private final String subnet;
  private final SortedMap<String, String> addresses = new TreeMap<>();

  /**
   * @param number from 1 to 250, so that several may exist side by side
   */
  Network(int number) {
    this.name = "fm" + number;
    this.subnet = "10.213." + number + ".";
    remove();
    ip("link add %s type bridge".formatted(bridge()));
    ip("addr add %s1/24 dev %s".formatted(subnet, bridge()));
    ip("link set %s up".formatted(bridge()));
  }

  /** Why there can be no namespaces here, or null when there can. */
  static @Nullable String missing() {
    String probe = "fmprobe";
    Shell.Result made = tried("ip netns add " + probe);
    if (made.code() != 0) {
      return "ip netns add: " + made.output();
    }
    Shell.Result filter = tried("ip netns exec " + probe + " iptables -L INPUT");
    Shell.Result bridge = tried("ip link add fmprobe type bridge");
    tried("ip link del fmprobe");
    tried("ip netns del " + probe);
    return filter.code() != 0
        ? "iptables: " + filter.output()
        : bridge.code() != 0 ? "ip link add type bridge: " + bridge.output() : null;
  }

  private static Shell.Result tried(String command) {
    try {
      return Shell.attempt(words(command));
    } catch (UncheckedIOException e) {
      return new Shell.Result(-1, String.valueOf(e.getMessage()));
    }
  }

  private String bridge() {
    return name + "br";
  }

  private String namespace(String member) {
    return name + member;
  }

  /** Gives a new member a namespace; returns its address. */
  String join(String member) {
    String address = subnet + (addresses.size() + 2);
    addresses.put(member, address);
    String outside = name + "v" + addresses.size();
    ip("netns add %s".formatted(namespace(member)));
    ip("link add %s type veth peer name eth0 netns %s".formatted(outside, namespace(member)));
    ip("link set %s master %s".formatted(outside, bridge()));
    ip("link set %s up".formatted(outside));
    inside(member, "ip addr add %s/24 dev eth0".formatted(address));
    inside(member, "ip link set eth0 up");
    inside(member, "ip link set lo up");
    return address;
  }

  String subnet() {
    return subnet + "0/24";
  }

  /** Every process of that member. */
  List<String> processes(String member) {
    String pids = Shell.run(words("ip netns pids " + namespace(member))).strip();
    return pids.isEmpty() ? List.of() : List.of(pids.split("\\s+"));
  }

  String address(String member) {
    return addresses.get(member);
  }

  /** The command as it is run in that member's namespace. */
  List<String> within(String member, List<String> command) {
    List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", namespace(member)));
    whole.addAll(command);
    return whole;
  }

  /** Nothing of what one sends reaches the other. */
  void cut(String from, String to) {
    inside(to, "iptables -A INPUT -s %s -j DROP".formatted(address(from)));
  }

  /** Some packets are lost on the way from one to the other. */
  void lossy(String from, String to) {
    inside(
        to,
        "iptables -A INPUT -s %s -m statistic --mode random --probability 0.%d -j DROP"
            .formatted(address(from), LOSS_PERCENT));
  }

  /** What one sends to the other goes slowly. */
  void slow(String from, String to) {
    inside(from, "tc qdisc replace dev eth0 root handle 1: htb default 10");
    inside(from, "tc class replace dev eth0 parent 1: classid 1:10 htb rate 10gbit");
    inside(
        from, "tc class replace dev eth0 parent 1: classid 1:20 htb rate %s".formatted(SLOW_RATE));
    inside(
        from,
        "tc filter add dev eth0 parent 1: protocol ip u32 match ip dst %s/32 flowid 1:20"
            .formatted(address(to)));
  }

  /** Every link is as good as new. */
  void heal() {
    for (String member : addresses.keySet()) {
      inside(member, "iptables -F INPUT");
      Shell.attempt(within(member, words("tc qdisc del dev eth0 root")));
    }
  }

  private void inside(String member, String command) {
    Shell.run(within(member, words(command)));
  }

  private static void ip(String command) {
    Shell.run(words("ip " + command));
  }

  private static List<String> words(String command) {
    return Arrays.asList(command.split(" "));
  }

  private void remove() {
    // A namespace goes when its last process is gone; what leads into it can go at once.
    for (String line : Shell.run(words("ip netns list")).split("\n")) {
      String found = line.split(" ")[0];
      if (found.matches(name + "[a-z].*")) {
        Shell.attempt(words("ip netns del " + found));
      }
    }
    for (int i = 1; i <= MOST_MEMBERS; i++) {
      Shell.attempt(words("ip link del " + name + "v" + i));
    }
    Shell.attempt(words("ip link del " + bridge()));
  }

  @Override
  public void close() {
    remove();
  }
}
