package io.fermata.agent.stream;

import io.fermata.agent.stream.Expectations.Admission;
import io.fermata.device.DeviceName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.wire.frame.Frame;
import io.fermata.wire.frame.Frame.Hello;
import io.fermata.wire.frame.Frame.Refused;
import io.fermata.wire.frame.Frame.Versions;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One claim whose streams a destination takes: who may connect, and who has. Each device gets one
 * stream and no second one: what the device has swallowed cannot be taken back. The same stream may
 * go on over another connection.
 */
final class Expectation {
  private static final Refused UNPROVEN =
      new Refused(Refused.Code.TOKEN, "who connected does not know this stream's secret");

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

  /** The image that this connection goes on with; or why not. */
  synchronized Admission admit(Hello hello, Lane lane, Link link) {
    Pass pass = genuine(hello);
    Optional<Refused> wrong =
        link.peerOtherThan(spec.peer())
            .flatMap(other ->
                refuse(
                    Refused.Code.HOST, "the certificate is of " + other + ", not " + spec.peer()))
            .or(() -> judge(hello, lane, pass));
    if (wrong.isPresent() || pass == null) {
      return new Admission.Turned(wrong.orElse(UNPROVEN));
    }
    Incoming image = images.computeIfAbsent(hello.device(), device -> new Incoming(pass));
    return image
        .admit(pass, link)
        .<Admission>map(Admission.Turned::new)
        .orElseGet(() -> new Admission.Taken(this, lane, image, pass.attempt()));
  }

  /** Closes every stream; none is taken any more. */
  synchronized void drop() {
    voice.silence();
    images.values().forEach(Incoming::drop);
  }

  private @Nullable Pass genuine(Hello hello) {
    Secret secret = new Secret(migration, spec, Side.DESTINATION, hello.device());
    return Pass.read(hello.token())
        .filter(shown -> shown.isGenuine(secret))
        .map(Pass.Shown::pass)
        .orElse(null);
  }

  private Optional<Refused> judge(Hello hello, Lane lane, @Nullable Pass pass) {
    if (!hello.versions().include(Frame.VERSION)) {
      return refuse(Refused.Code.VERSION, "here " + Versions.OURS + ", there " + hello.versions());
    }
    if (pass == null) {
      return Optional.of(UNPROVEN);
    }
    if (voice.isSilent()) {
      return refuse(Refused.Code.MIGRATION, migration + " is not expected any more");
    }
    long promised = means.promises().apply(migration).number();
    if (pass.epoch() < promised) {
      // A later owner may have decided otherwise. The source hears of it too, and may come again.
      return refuse(
          Refused.Code.EPOCH,
          "epoch %d is below the promised %d".formatted(pass.epoch(), promised));
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
    return pass.sum() == means.settings().sumOf(lane.device())
        ? Optional.empty()
        : refuse(
            Refused.Code.PROFILE,
            "the source sums the image up by %s, %s by %s"
                .formatted(pass.sum(), spec.self(), means.settings().sumOf(lane.device())));
  }

  private static Optional<Refused> refuse(Refused.Code code, String detail) {
    return Optional.of(new Refused(code, detail));
  }
}
