package io.fermata.agent.stream;

import io.fermata.device.DeviceName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.wire.frame.Frame;
import io.fermata.wire.frame.Frame.Hello;
import io.fermata.wire.frame.Frame.Refused;
import io.fermata.wire.frame.Frame.Versions;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * One claim whose streams a destination takes: who may connect, and who has. Each device gets one
 * stream and no second one, not even after the first broke: what the device has swallowed cannot be
 * taken back.
 */
final class Expectation {
  private final MigrationId migration;
  private final ClaimSpec spec;
  private final Voice voice;
  private final Set<DeviceName> taken = new TreeSet<>();
  private final List<Link> links = new ArrayList<>();

  Expectation(MigrationId migration, ClaimSpec spec, Voice voice) {
    this.migration = migration;
    this.spec = spec;
    this.voice = voice;
  }

  MigrationId migration() {
    return migration;
  }

  ClaimSpec spec() {
    return spec;
  }

  Voice voice() {
    return voice;
  }

  /** Why not, or nothing: then the device's one stream is this link's. */
  synchronized Optional<Refused> admit(Hello hello, Lane lane, Link link) {
    Optional<Refused> wrong =
        link.peerOtherThan(spec.peer())
            .flatMap(other ->
                refuse(
                    Refused.Code.HOST, "the certificate is of " + other + ", not " + spec.peer()))
            .or(() -> judge(hello, lane));
    if (wrong.isEmpty()) {
      taken.add(hello.device());
      links.add(link);
    }
    return wrong;
  }

  /** Closes every stream; none is taken any more. */
  synchronized void drop() {
    voice.silence();
    links.forEach(Link::close);
    links.clear();
  }

  private Optional<Refused> judge(Hello hello, Lane lane) {
    if (!knowsToken(hello)) {
      return refuse(Refused.Code.TOKEN, "the token is not that of " + migration);
    }
    if (voice.isSilent()) {
      return refuse(Refused.Code.MIGRATION, migration + " is not expected any more");
    }
    if (!hello.versions().include(Frame.VERSION)) {
      return refuse(Refused.Code.VERSION, "here " + Versions.OURS + ", there " + hello.versions());
    }
    if (!hello.host().equals(spec.self())) {
      return refuse(Refused.Code.HOST, "this is " + spec.self() + ", not " + hello.host());
    }
    if (spec.devices().stream().noneMatch(pair -> pair.destination().equals(hello.device()))) {
      return refuse(Refused.Code.DEVICE, hello.device() + " is not of " + migration);
    }
    String driver = lane.device().profile().driver();
    if (!hello.profile().startsWith(driver + "/")) {
      // Only the driver is judged here. What the models must agree on the driver checks itself,
      // when
      // it loads the image.
      return refuse(
          Refused.Code.PROFILE,
          "%s is %s, the source's is %s"
              .formatted(hello.device(), lane.device().profile().key(), hello.profile()));
    }
    return taken.contains(hello.device())
        ? refuse(Refused.Code.TAKEN, hello.device() + " has had its stream")
        : Optional.empty();
  }

  /** In constant time: how much of a guess was right must not show. */
  private boolean knowsToken(Hello hello) {
    return MessageDigest.isEqual(
        spec.token().getBytes(StandardCharsets.UTF_8),
        hello.token().getBytes(StandardCharsets.UTF_8));
  }

  private static Optional<Refused> refuse(Refused.Code code, String detail) {
    return Optional.of(new Refused(code, detail));
  }
}
