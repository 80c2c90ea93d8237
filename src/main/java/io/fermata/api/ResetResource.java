package io.fermata.api;

import io.fermata.api.problem.Problem;
import io.fermata.api.problem.ProblemCode;
import io.fermata.api.problem.Refused;
import io.fermata.api.problem.Violation;
import io.fermata.api.request.Bodies;
import io.fermata.api.request.Given;
import io.fermata.api.text.Curl;
import io.fermata.api.text.Sheet;
import io.fermata.device.DeviceState;
import io.fermata.fleet.DeviceView;
import io.fermata.fleet.Fleet;
import io.fermata.fleet.HostView;
import io.fermata.fleet.Resets;
import io.fermata.handover.HostName;
import io.fermata.handover.ResetRule;
import io.fermata.migration.DryRuns;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Has one device reset. A device that is nobody's needs a reason only. One that a guest has loses
 * the guest's state: that takes {@code allowGuestImpact}, the dry run, its word and its version;
 * and the agent, which alone knows the set, may still refuse.
 */
@RestController
class ResetResource {
  private final Fleet fleet;
  private final Resets resets;
  private final Results results;
  private final Words<Shown> words;

  /** What a dry run showed. */
  record Shown(HostName host, String device, long version) {}

  /** How a call of the agent ended. */
  private record Tried(Resets.@Nullable Outcome outcome, @Nullable Throwable fault) {}

  /**
   * What a reset comes to.
   *
   * @param before the state in which the device was found last
   * @param after the state that was read afterwards; null in a dry run
   * @param confirm what the real call has to show; null where it needs no word, and afterwards
   * @param version of what is known of the device, for {@code If-Match}
   */
  record ResetJson(
      String host,
      String device,
      @Nullable String owner,
      @Nullable String migration,
      DeviceState before,
      @Nullable DeviceState after,
      @Nullable String confirm,
      long version) {}

  ResetResource(Fleet fleet, Resets resets, Results results, DryRuns dryRuns) {
    this.fleet = fleet;
    this.resets = resets;
    this.results = results;
    this.words = new Words<>(dryRuns, results, "reset", Shown.class);
  }

  @PostMapping("/api/v1/hosts/{h}/devices/{d}/reset")
  ResponseEntity<Answer> reset(
      @PathVariable String h, @PathVariable String d, HttpServletRequest request) {
    Given query = Given.query(request);
    boolean dryRun = query.flag("dryRun");
    query.check();
    HostName host = HostResource.known(fleet, h).name();
    DeviceView device = found(fleet.refresh(host).orElseThrow(), d);
    Given body = Bodies.of(request);
    body.required("reason");
    String reason = StartRequest.reason(body);
    boolean impact = body.yes("allowGuestImpact", false);
    String confirm = body.text("confirm");
    boolean owned = device.vm() != null || device.claim() != null;
    if (!dryRun && owned && impact && confirm == null) {
      body.note("confirm", Violation.MISSING, "is missing: run it with ?dryRun=true first");
    }
    body.check();
    if (owned && !impact) {
      throw refused(device, new ResetRule.Objection(ResetRule.Code.GUEST_IMPACT, words(device)));
    }
    long version = version(device);
    if (dryRun) {
      String word = owned ? words.give(new Shown(host, d, version)) : null;
      return answer(json(device, null, word));
    }
    if (owned) {
      long decided = IfMatch.version(request, "device", version);
      words.take(
          Objects.requireNonNull(confirm),
          shown -> shown.equals(new Shown(host, d, decided)) && decided == version,
          "this device as it is now");
    }
    var wish = new Resets.Wish(Actor.of(request), Objects.requireNonNull(reason), impact);
    return answer(done(device, wish));
  }

  private static String words(DeviceView device) {
    String whose = device.vm() == null ? "a migration's" : "of " + device.vm();
    return device.host()
        + " "
        + device.name()
        + " is "
        + whose
        + ": a reset loses its state; -d allowGuestImpact=true says that the guest may feel it";
  }

  private static DeviceView found(HostView host, String name) {
    return host.device(name)
        .orElseThrow(() ->
            new Refused(
                Problem.of(ProblemCode.UNKNOWN_DEVICE, host.name() + " has no such device")
                    .withNext("curl $F/hosts/" + host.name() + "/devices")));
  }

  private ResetJson done(DeviceView device, Resets.Wish wish) {
    CompletableFuture<Tried> call =
        resets
            .reset(device.host(), device.name(), wish)
            .handle((outcome, fault) -> new Tried(outcome, fault));
    Tried tried = results.settled(call);
    Resets.Outcome outcome = tried.outcome();
    if (outcome == null) {
      Throwable fault = tried.fault();
      Throwable cause = fault instanceof CompletionException e ? e.getCause() : fault;
      throw new Refused(
          Problem.of(
                  ProblemCode.AGENT_UNREACHABLE,
                  device.host()
                      + ": "
                      + (cause == null ? null : cause.getMessage())
                      + "; whether "
                      + device.name()
                      + " was reset is not known")
              .onHost(device.host().value())
              .withNext("curl $F/hosts/" + device.host() + "/devices"));
    }
    if (outcome.objection() != null) {
      throw refused(device, outcome.objection());
    }
    return new ResetJson(
        device.host().value(),
        device.name().value(),
        device.vm(),
        device.claim(),
        outcome.before(),
        outcome.after(),
        null,
        version(found(fleet.refresh(device.host()).orElseThrow(), device.name().value())));
  }

  private static Refused refused(DeviceView device, ResetRule.Objection objection) {
    return new Refused(
        Problem.of(ProblemCode.RESET_REFUSED, objection.code() + ": " + objection.detail())
            .onDevice(device.host().value(), device.name().value())
            .withNext("curl $F/hosts/" + device.host() + "/devices"));
  }

  /** Changes when the state, the owner or the claim does. */
  private static long version(DeviceView device) {
    String known = device.state() + " " + device.vm() + " " + device.claim();
    return Integer.toUnsignedLong(known.hashCode());
  }

  private static ResetJson json(
      DeviceView device, @Nullable DeviceState after, @Nullable String confirm) {
    return new ResetJson(
        device.host().value(),
        device.name().value(),
        device.vm(),
        device.claim(),
        device.state(),
        after,
        confirm,
        version(device));
  }

  private static ResponseEntity<Answer> answer(ResetJson view) {
    String path = "/hosts/" + view.host() + "/devices";
    String who = view.host() + " " + view.device();
    Sheet sheet = new Sheet();
    if (view.after() != null) {
      sheet.line(who + " was reset: it was in " + view.before() + " and is in " + view.after());
      return tagged(view, sheet.next(Curl.get(path)));
    }
    String whose = view.owner() == null ? "nobody's" : "of " + view.owner();
    sheet.line(who + " is " + whose + ", in " + view.before() + "; nothing was done");
    String post = "curl -X POST \"$F" + path + "/" + view.device() + "/reset\"";
    String sure =
        view.confirm() == null
            ? ""
            : " -H 'If-Match: "
                + IfMatch.tag(view.version())
                + "' -d allowGuestImpact=true"
                + " -d confirm="
                + view.confirm();
    return tagged(view, sheet.next(post + sure + " -d reason=…"));
  }

  private static ResponseEntity<Answer> tagged(ResetJson view, String text) {
    return ResponseEntity.ok().eTag(IfMatch.tag(view.version())).body(new Answer(view, text));
  }
}
