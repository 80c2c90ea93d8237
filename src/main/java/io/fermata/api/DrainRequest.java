package io.fermata.api;

import io.fermata.api.problem.Violation;
import io.fermata.api.request.Given;
import io.fermata.drain.DrainSettings;
import io.fermata.drain.DrainTerms;
import io.fermata.fleet.Fleet;
import io.fermata.fleet.HostView;
import io.fermata.handover.HostName;
import io.fermata.migration.Order.OnBudgetExceeded;
import io.fermata.migration.Order.PreCopyTerms;
import io.fermata.migration.Priority;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a caller writes to evacuate a host: valid, and about hosts and machines that there are. */
record DrainRequest(HostName host, DrainTerms terms, @Nullable String reason) {
  private static final int MOST_NAMES = 1_000;

  /**
   * Reads it, and asks the host's agent who is there: whoever mistypes a machine that is to stay
   * must learn it before that one moves.
   *
   * @throws io.fermata.api.problem.Refused naming every field at fault
   */
  static DrainRequest read(Given body, ApiSettings api, int atOnce, Fleet fleet) {
    body.required("host");
    HostName host = body.value("host", HostName::new);
    List<String> destinations = body.texts("destinations", MOST_NAMES);
    List<String> exclude = body.texts("exclude", MOST_NAMES);
    long slots = body.whole("concurrency", 1, DrainSettings.MOST_AT_ONCE, atOnce);
    Priority priority = body.word("priority", Priority.class);
    long budget =
        body.whole("blackoutBudgetMs", 0, api.budgetMillisMax(), api.budgetMillisDefault());
    OnBudgetExceeded exceeded = body.word("onBudgetExceeded", OnBudgetExceeded.class);
    String reason = StartRequest.reason(body);
    body.check();
    HostName drained = Objects.requireNonNull(host);
    Optional<HostView> view = fleet.refresh(drained);
    fleet.refreshAnswering(); // what is free elsewhere is no older than the question
    if (view.isEmpty()) {
      body.note("host", "UNKNOWN_HOST", "there is no host " + drained + " in the inventory");
    }
    view.ifPresent(seen -> staying(body, seen, exclude));
    List<HostName> to = destinations(body, drained, destinations, fleet);
    body.check();
    var terms =
        new DrainTerms(
            to,
            exclude,
            (int) slots,
            Objects.requireNonNullElse(priority, Priority.SYSTEM),
            budget,
            Objects.requireNonNullElse(exceeded, OnBudgetExceeded.ABORT),
            new PreCopyTerms(true, api.preCopySecondsDefault(), api.switchoverBytesDefault()));
    return new DrainRequest(drained, terms, reason);
  }

  private static void staying(Given body, HostView host, List<String> exclude) {
    for (String vm : exclude) {
      if (host.devices().stream().noneMatch(device -> vm.equals(device.vm()))) {
        body.note("exclude", "NO_MATCH", "no device of " + host.name() + " belongs to " + vm);
      }
    }
  }

  private static List<HostName> destinations(
      Given body, HostName drained, List<String> names, Fleet fleet) {
    List<HostName> found = new ArrayList<>();
    for (String name : names) {
      Optional<HostName> known =
          fleet.hosts().stream()
              .map(HostView::name)
              .filter(host -> host.value().equals(name))
              .findFirst();
      if (known.isEmpty()) {
        body.note("destinations", "UNKNOWN_HOST", "there is no such host in the inventory");
      } else if (known.get().equals(drained)) {
        body.note("destinations", Violation.BAD_VALUE, drained + " is what is to be emptied");
      } else {
        found.add(known.get());
      }
    }
    return found;
  }
}
