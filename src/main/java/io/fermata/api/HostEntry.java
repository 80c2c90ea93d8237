package io.fermata.api;

import io.fermata.api.problem.Violation;
import io.fermata.api.request.Given;
import io.fermata.fleet.FleetSettings;
import io.fermata.handover.HostName;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A host as an administrator enters it.
 *
 * @param reason why, for the history
 */
record HostEntry(HostName name, FleetSettings.Host host, String reason) {
  private static final long USUAL_LINK = Long.parseLong(FleetSettings.Host.USUAL_LINK);
  private static final long MOST_LINK = 1L << 50;
  private static final String LABEL = "[A-Za-z0-9][A-Za-z0-9._/-]{0,62}";

  /**
   * Reads it.
   *
   * @param labelsMax the most labels it may have
   * @param objection why no agent may be reached by an address
   * @throws io.fermata.api.problem.Refused for every mistake in it at once
   */
  static HostEntry read(
      Given body, String h, int labelsMax, Function<URI, Optional<String>> objection) {
    body.required("agent");
    body.required("reason");
    HostName name = null;
    try {
      name = new HostName(h);
    } catch (IllegalArgumentException e) {
      body.note("h", Violation.BAD_VALUE, String.valueOf(e.getMessage()));
    }
    URI agent = body.value("agent", text -> address(text, objection));
    URI peer = body.value("peer", text -> address(text, objection));
    Map<String, String> labels = labels(body, labelsMax);
    boolean schedulable = body.yes("schedulable", true);
    long link = body.whole("linkBytesPerSecond", 1, MOST_LINK, USUAL_LINK);
    String reason = StartRequest.reason(body);
    body.check();
    return new HostEntry(
        Objects.requireNonNull(name),
        new FleetSettings.Host(h, agent, peer, labels, schedulable, link),
        Objects.requireNonNull(reason));
  }

  private static Map<String, String> labels(Given body, int most) {
    Map<String, String> labels = new TreeMap<>();
    @Nullable Given given = body.has("labels") ? body.object("labels") : null;
    if (given == null) {
      return labels;
    }
    for (String key : given.names()) {
      String value = given.text(key);
      if (!key.matches(LABEL) || value == null || !value.matches(LABEL)) {
        given.note(key, Violation.BAD_VALUE, "key and value must match " + LABEL);
      } else {
        labels.put(key, value);
      }
    }
    if (labels.size() > most) {
      body.note("labels", Violation.OUT_OF_RANGE, "must have at most " + most);
    }
    return labels;
  }

  /** An agent's address and nothing more: no user, no path, no query. */
  private static URI address(String text, Function<URI, Optional<String>> objection) {
    URI address = address(text);
    objection
        .apply(address)
        .ifPresent(why -> {
          throw new IllegalArgumentException(why);
        });
    return address;
  }

  private static URI address(String text) {
    try {
      URI address = new URI(text);
      String scheme = String.valueOf(address.getScheme());
      boolean bare =
          address.getHost() != null
              && address.getRawUserInfo() == null
              && address.getRawQuery() == null
              && address.getRawFragment() == null
              && String.valueOf(address.getRawPath()).isEmpty();
      if (bare && (scheme.equals("http") || scheme.equals("https"))) {
        return address;
      }
    } catch (URISyntaxException e) {
      // said below
    }
    throw new IllegalArgumentException(
        "must be an agent's address and nothing more, such as https://host-c:8090");
  }
}
