package io.fermata.api;

import io.fermata.api.access.Tenancy;
import io.fermata.api.problem.Problem;
import io.fermata.api.problem.ProblemCode;
import io.fermata.api.problem.Refused;
import io.fermata.api.problem.Violation;
import io.fermata.api.request.Given;
import io.fermata.api.view.MigrationView.EstimateView;
import io.fermata.api.view.MigrationView.PairView;
import io.fermata.api.view.PlanView;
import io.fermata.device.Capabilities.Capability;
import io.fermata.device.DeviceName;
import io.fermata.fleet.Fleet;
import io.fermata.fleet.HostView;
import io.fermata.handover.HostName;
import io.fermata.migration.Checks;
import io.fermata.migration.Checks.Check;
import io.fermata.migration.Estimate;
import io.fermata.migration.Latencies;
import io.fermata.migration.Matching;
import io.fermata.migration.Order;
import io.fermata.migration.Order.Pair;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/**
 * Makes orders of requests: asks both agents how things stand now, pairs the devices, runs the
 * prechecks. Touches nothing.
 */
@Component
class Orders {
  private final Fleet fleet;
  private final ApiSettings settings;
  private final ApiMetrics metrics;
  private final Tenancy tenancy;
  private final Latencies learned;

  Orders(
      Fleet fleet, ApiSettings settings, ApiMetrics metrics, Tenancy tenancy, Latencies learned) {
    this.fleet = fleet;
    this.settings = settings;
    this.metrics = metrics;
    this.tenancy = tenancy;
    this.learned = learned;
  }

  /** An order with what was found about it. */
  record Prepared(
      Order order, boolean matched, HostView source, List<Check> checks, Estimate estimate) {
    /**
     * The same, fit to be started.
     *
     * @throws Refused if a precheck forbids it
     */
    Prepared orRefuse() {
      List<Check> failures = Checks.failures(checks);
      if (!failures.isEmpty()) {
        List<Violation> violations = failures.stream().map(this::violation).toList();
        throw new Refused(
            Problem.of(ProblemCode.CHECKS_FAILED, violations)
                .withNext("curl $F/hosts/" + order.source() + "/devices"));
      }
      return this;
    }

    /** What would happen. */
    PlanView plan(Instant expires) {
      boolean early =
          order.preCopy().enabled()
              && order.devices().stream()
                  .flatMap(pair -> source.device(pair.source().value()).stream())
                  .anyMatch(device -> device.capabilities().has(Capability.PRE_COPY));
      return new PlanView(
          order.vm(),
          order.source().value(),
          order.destination().value(),
          order.devices().stream().map(PairView::of).toList(),
          Checks.failures(checks).isEmpty(),
          checks.stream().map(PlanView.CheckView::of).toList(),
          EstimateView.of(estimate, order),
          PlanView.steps(order, early),
          expires);
    }

    private Violation violation(Check check) {
      String code = check.id().toUpperCase(Locale.ROOT).replace('-', '_');
      return new Violation(
          field(check), code, check.detail(), check.fix(), check.host(), check.device());
    }

    private String field(Check check) {
      boolean here = order.source().value().equals(check.host());
      if (check.device() == null) {
        return here ? "source" : "destination";
      }
      for (int i = 0; i < order.devices().size() && !matched; i++) {
        Pair pair = order.devices().get(i);
        DeviceName device = here ? pair.source() : pair.destination();
        if (device.value().equals(check.device())) {
          return "devices[" + i + "]." + (here ? "source" : "destination");
        }
      }
      return "devices";
    }
  }

  /**
   * The order that a body asks for.
   *
   * @throws Refused if the body is not valid or names what does not exist
   */
  Prepared of(Given body) {
    StartRequest request = StartRequest.read(body, settings);
    if (!tenancy.sees(request.vm())) {
      throw Refused.field("vm", "NO_MATCH", "no device of the source belongs to it");
    }
    List<Violation> unknown = new ArrayList<>();
    known("source", request.source(), unknown);
    known("destination", request.destination(), unknown);
    if (!unknown.isEmpty()) {
      throw new Refused(Problem.of(ProblemCode.INVALID_REQUEST, unknown));
    }
    HostView source = now(request.source(), "source");
    HostView destination = now(request.destination(), "destination");
    List<Pair> named = request.devices();
    List<Pair> pairs =
        named == null ? matched(Matching.match(request.vm(), source, destination)) : named;
    return checked(request.order(pairs), named == null, source, destination);
  }

  /**
   * The order of an earlier migration once more, to the same or another destination.
   *
   * @throws Refused if the destination does not exist or does not fit
   */
  Prepared again(Order earlier, HostName to) {
    HostView source = now(earlier.source(), "source");
    HostView destination = now(to, "destination");
    boolean elsewhere = !to.equals(earlier.destination());
    List<Pair> pairs = earlier.devices();
    if (elsewhere) {
      Set<DeviceName> set = pairs.stream().map(Pair::source).collect(Collectors.toSet());
      pairs =
          matched(Matching.match(earlier.vm(), source, destination)).stream()
              .filter(pair -> set.contains(pair.source()))
              .toList();
      if (pairs.size() < set.size()) {
        throw Refused.field(
            "destination", "NO_MATCH", "not every device of the set still belongs to the VM");
      }
    }
    Order order =
        new Order(
            earlier.vm(),
            earlier.source(),
            to,
            pairs,
            earlier.preCopy(),
            earlier.blackoutBudgetMillis(),
            earlier.onBudgetExceeded(),
            earlier.reason(),
            earlier.priority());
    return checked(order, elsewhere, source, destination);
  }

  private Prepared checked(Order order, boolean matched, HostView source, HostView destination) {
    List<Check> checks = Checks.of(order, source, destination, learned);
    metrics.checked(checks);
    return new Prepared(order, matched, source, checks, Estimate.of(order, source, learned));
  }

  private void known(String field, HostName name, List<Violation> unknown) {
    if (fleet.host(name).isEmpty()) {
      unknown.add(unknownHost(field, name));
    }
  }

  private HostView now(HostName name, String field) {
    Optional<HostView> fresh = fleet.refresh(name);
    return fresh
        .or(() -> fleet.host(name))
        .orElseThrow(() ->
            new Refused(
                Problem.of(ProblemCode.INVALID_REQUEST, List.of(unknownHost(field, name)))));
  }

  private Violation unknownHost(String field, HostName name) {
    String known =
        fleet.hosts().stream()
            .limit(10)
            .map(host -> host.name().value())
            .collect(Collectors.joining(", "));
    return new Violation(
        field,
        "UNKNOWN_HOST",
        "there is no host " + name + " in the inventory; there are " + known,
        "an administrator adds hosts; see GET /hosts",
        name.value(),
        null);
  }

  private static List<Pair> matched(Matching.Found found) {
    if (!found.missing().isEmpty()) {
      List<Violation> violations =
          found.missing().stream()
              .map(missing -> Violation.of("devices", "NO_MATCH", missing))
              .toList();
      throw new Refused(Problem.of(ProblemCode.INVALID_REQUEST, violations));
    }
    return found.pairs();
  }
}
