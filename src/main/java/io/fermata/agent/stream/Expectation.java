package io.fermata.agent.stream;

import io.fermata.agent.stream.Expectations.Admission;
import io.fermata.device.DeviceName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.wire.frame.Frame.Hello;
import io.fermata.wire.frame.Frame.Refused;
import io.fermata.wire.frame.Frame.Resume;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One claim whose streams a destination takes: who may connect, and who has. Each device gets one
 * stream and no second one, not even after the first broke: what the device has swallowed cannot be
 * taken back. The same stream may go on over another connection, until the claim is dropped.
 */
final class Expectation {
  private final MigrationId migration;
  private final ClaimSpec spec;
  private final Voice voice;
  private final Means means;
  private final Map<DeviceName, Incoming> images = new TreeMap<>();

  Expectation(Means means, MigrationId migration, ClaimSpec spec, Voice voice) {
    this.means = means;
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

  /** Lets the device's one stream begin, or says why not. */
  synchronized Admission admit(Hello hello, Lane lane, Link link) {
    Optional<Refused> wrong = stranger(link).or(() -> judge(hello, lane));
    if (wrong.isEmpty() && images.containsKey(hello.device())) {
      wrong = refuse(Refused.Code.TAKEN, hello.device() + " has had its stream");
    }
    if (wrong.isPresent()) {
      return new Admission.Turned(wrong.get());
    }
    int version = means.versions().newestWith(hello.versions());
    Incoming image = new Incoming(version, means.ticket(), means.packings(version), link);
    images.put(hello.device(), image);
    return new Admission.Taken(this, lane, image, 0);
  }

  /** Lets the same stream go on over another connection, or says why not. */
  synchronized Admission resume(Resume resume, Lane lane, Link link) {
    Hello hello = resume.hello();
    Optional<Refused> wrong = stranger(link).or(() -> judge(hello, lane));
    if (wrong.isEmpty()) {
      Incoming image = images.get(hello.device());
      if (image != null) {
        return image
            .admit(resume, link)
            .<Admission>map(Admission.Turned::new)
            .orElseGet(() -> new Admission.Taken(this, lane, image, resume.attempt()));
      }
      wrong = refuse(Refused.Code.RESUME, hello.device() + " has had no stream");
    }
    return new Admission.Turned(wrong.get());
  }

  private Optional<Refused> stranger(Link link) {
    return link.peerOtherThan(spec.peer())
        .flatMap(other ->
            refuse(Refused.Code.HOST, "the certificate is of " + other + ", not " + spec.peer()));
  }

  /** Closes every stream; none is taken any more. */
  synchronized void drop() {
    voice.silence();
    images.values().forEach(Incoming::drop);
  }

  private Optional<Refused> judge(Hello hello, Lane lane) {
    if (!knowsToken(hello)) {
      return refuse(Refused.Code.TOKEN, "the token is not that of " + migration);
    }
    if (voice.isSilent()) {
      return refuse(Refused.Code.MIGRATION, migration + " is not expected any more");
    }
    if (means.versions().newestWith(hello.versions()) == 0) {
      return refuse(
          Refused.Code.VERSION, "here " + means.versions() + ", there " + hello.versions());
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
    return Optional.empty();
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
