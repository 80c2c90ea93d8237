package io.fermata.agent;

import io.fermata.agent.stream.Pace;
import io.fermata.device.DeviceName;
import io.fermata.handover.Testimony;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.Header;
import io.fermata.handover.message.Request;
import io.fermata.wire.DeviceReset;
import io.fermata.wire.WireFault;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The ranges of what a request may say, checked before the loop sees it. */
final class RequestLimits {
  /** How long an answer may wait for its goal. */
  static final long AWAIT_MILLIS_MAX = 60_000;

  private static final long LEASE_MILLIS_MIN = 10;
  private static final long LEASE_MILLIS_MAX = 3_600_000;
  private static final int DEVICES_MAX = 1024;
  private static final int TEXT_MAX = 256;
  private static final int REASON_MAX = 500;

  private RequestLimits() {}

  /**
   * @throws WireFault naming the first field that is out of its range
   */
  static void check(Request request) {
    header(request.header());
    switch (request) {
      case Request.ClaimSource claim -> spec(claim.spec());
      case Request.ClaimDestination claim -> spec(claim.spec());
      case Request.Reclaim r -> word(r.word());
      case Request.Adopt r -> word(r.word());
      case Request.Surrender r -> word(r.word());
      case Request.Renew r -> bandwidth(r.bytesPerSecond());
      default -> {}
    }
  }

  /**
   * @throws WireFault naming the first field that is out of its range
   */
  static void check(DeviceReset wish) {
    text(wish.actor(), "actor");
    range(wish.reason().length(), 1, REASON_MAX, "reason");
  }

  private static void header(Header header) {
    range(header.awaitMillis(), 0, AWAIT_MILLIS_MAX, "header.awaitMillis");
    range(header.hopsSeen(), 0, Integer.MAX_VALUE, "header.hopsSeen");
    range(header.epoch().number(), 1, Long.MAX_VALUE, "header.epoch.number");
    text(header.epoch().owner(), "header.epoch.owner");
  }

  private static void bandwidth(@Nullable Long bytesPerSecond) {
    if (bytesPerSecond != null && bytesPerSecond != Pace.UNLIMITED) {
      range(bytesPerSecond, Pace.BYTES_PER_SECOND_MIN, Long.MAX_VALUE, "bytesPerSecond");
    }
  }

  /** It is kept for ever, so it must not be long. */
  private static void word(Testimony word) {
    text(word.actor(), "word.actor");
    text(word.evidence(), "word.evidence");
    range(word.reason().length(), 1, REASON_MAX, "word.reason");
  }

  private static void spec(ClaimSpec spec) {
    text(spec.vm(), "spec.vm");
    text(spec.token(), "spec.token");
    text(spec.peerData(), "spec.peerData");
    range(spec.leaseMillis(), LEASE_MILLIS_MIN, LEASE_MILLIS_MAX, "spec.leaseMillis");
    range(spec.devices().size(), 1, DEVICES_MAX, "spec.devices");
    once(spec.devices(), ClaimSpec.DevicePair::source, "source");
    once(spec.devices(), ClaimSpec.DevicePair::destination, "destination");
    if (spec.self().equals(spec.peer())) {
      throw wrong("the same host as spec.self", "spec.peer");
    }
    try {
      String scheme = String.valueOf(new URI(spec.peerUrl()).getScheme());
      if (!scheme.matches("https?")) {
        throw wrong("no http or https address", "spec.peerUrl");
      }
    } catch (URISyntaxException e) {
      throw wrong("no address: " + e.getReason(), "spec.peerUrl");
    }
  }

  private static void once(
      List<ClaimSpec.DevicePair> pairs,
      Function<ClaimSpec.DevicePair, DeviceName> end,
      String name) {
    Set<DeviceName> seen = new HashSet<>();
    for (int i = 0; i < pairs.size(); i++) {
      DeviceName device = end.apply(pairs.get(i));
      if (!seen.add(device)) {
        throw wrong(device + " is listed twice", "spec.devices[" + i + "]." + name);
      }
    }
  }

  private static void range(long value, long least, long most, String field) {
    if (value < least || value > most) {
      throw wrong("%d is not between %d and %d".formatted(value, least, most), field);
    }
  }

  private static void text(String value, String field) {
    if (value.isEmpty() || value.length() > TEXT_MAX) {
      throw wrong("must have 1 to " + TEXT_MAX + " characters", field);
    }
  }

  private static WireFault wrong(String detail, String field) {
    return new WireFault(WireFault.Code.WRONG_VALUE, detail, field);
  }
}
