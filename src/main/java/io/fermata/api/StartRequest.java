package io.fermata.api;

import io.fermata.api.problem.Problem;
import io.fermata.api.problem.ProblemCode;
import io.fermata.api.problem.Refused;
import io.fermata.api.problem.Violation;
import io.fermata.api.request.Given;
import io.fermata.device.DeviceName;
import io.fermata.handover.HostName;
import io.fermata.migration.Order;
import io.fermata.migration.Order.OnBudgetExceeded;
import io.fermata.migration.Order.Pair;
import io.fermata.migration.Order.PreCopyTerms;
import io.fermata.migration.Priority;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a caller writes to start or plan a migration, read and valid in itself. Whether the hosts
 * and devices exist is not looked at here.
 *
 * @param devices null for all devices of the VM
 */
record StartRequest(
    String vm,
    HostName source,
    HostName destination,
    @Nullable List<Pair> devices,
    PreCopyTerms preCopy,
    long budgetMillis,
    OnBudgetExceeded onBudgetExceeded,
    @Nullable String reason,
    Priority priority) {
  /** Longest reason, in characters. */
  static final int REASON_MAX = 500;

  private static final Pattern VM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}");

  /** The order for these pairs. */
  Order order(List<Pair> pairs) {
    return new Order(
        vm,
        source,
        destination,
        pairs,
        preCopy,
        budgetMillis,
        onBudgetExceeded,
        reason,
        priority.word());
  }

  /**
   * Reads it.
   *
   * @throws Refused naming every field at fault
   */
  static StartRequest read(Given body, ApiSettings settings) {
    return new Reading(body, settings).read();
  }

  /** A reason as it may be given anywhere, or null. */
  static @Nullable String reason(Given body) {
    return body.value("reason", StartRequest::plain);
  }

  private static String plain(String text) {
    if (text.isBlank() || text.length() > REASON_MAX || text.matches("(?s).*\\p{Cntrl}.*")) {
      throw new IllegalArgumentException(
          "must have 1 to " + REASON_MAX + " characters and no control characters");
    }
    return text;
  }

  /** One body while it is read. */
  private static final class Reading {
    private final Given body;
    private final ApiSettings settings;

    Reading(Given body, ApiSettings settings) {
      this.body = body;
      this.settings = settings;
    }

    StartRequest read() {
      body.required("vm");
      String vm = body.value("vm", Reading::vm);
      HostName source = host("source");
      HostName destination = host("destination");
      List<Pair> devices = devices(source, destination);
      PreCopyTerms preCopy = preCopy(body.object("preCopy"));
      long budget =
          body.whole(
              "blackoutBudgetMs", 0, settings.budgetMillisMax(), settings.budgetMillisDefault());
      OnBudgetExceeded exceeded = body.word("onBudgetExceeded", OnBudgetExceeded.class);
      String reason = reason(body);
      Priority priority = body.word("priority", Priority.class);
      if (source != null && source.equals(destination)) {
        body.note("destination", "SAME_HOST", "is the source too: " + source);
      }
      body.check();
      return new StartRequest(
          Objects.requireNonNull(vm),
          Objects.requireNonNull(source),
          Objects.requireNonNull(destination),
          devices,
          preCopy,
          budget,
          Objects.requireNonNullElse(exceeded, OnBudgetExceeded.ABORT),
          reason,
          Objects.requireNonNullElse(priority, Priority.USER));
    }

    private static String vm(String text) {
      if (!VM.matcher(text).matches()) {
        throw new IllegalArgumentException(
            "a VM's name has 1 to 128 letters, digits and ._:@- and starts with a letter or digit");
      }
      return text;
    }

    private @Nullable HostName host(String name) {
      body.required(name);
      return body.value(name, HostName::new);
    }

    private PreCopyTerms preCopy(@Nullable Given given) {
      if (given == null) {
        return new PreCopyTerms(
            true, settings.preCopySecondsDefault(), settings.switchoverBytesDefault());
      }
      long most = settings.preCopySecondsMax();
      long seconds = given.whole("maxSeconds", 1, most, settings.preCopySecondsDefault());
      return new PreCopyTerms(
          given.yes("enabled", true),
          (int) Math.clamp(seconds, 1, most),
          given.whole(
              "switchoverBelowBytes",
              0,
              settings.switchoverBytesMax(),
              settings.switchoverBytesDefault()));
    }

    private @Nullable List<Pair> devices(
        @Nullable HostName source, @Nullable HostName destination) {
      List<Given> items = body.objects("devices", settings.devicesMax());
      if (items == null) {
        return null;
      }
      List<Pair> pairs = new ArrayList<>();
      Set<DeviceName> sources = new HashSet<>();
      Set<DeviceName> destinations = new HashSet<>();
      for (Given item : items) {
        DeviceName from = device(item, "source", source);
        DeviceName to = device(item, "destination", destination);
        twice(item, "source", from, sources);
        twice(item, "destination", to, destinations);
        if (from != null && to != null) {
          pairs.add(new Pair(from, to));
        }
      }
      return pairs;
    }

    /** A device by name, or as {@code {"host": …, "device": …}}. */
    private @Nullable DeviceName device(Given item, String side, @Nullable HostName here) {
      if (!item.holdsObject(side)) {
        item.required(side);
        return item.value(side, DeviceName::new);
      }
      Given place = Objects.requireNonNull(item.object(side));
      place.required("device");
      HostName host = place.value("host", HostName::new);
      if (host != null && here != null && !host.equals(here)) {
        throw spans(item.at(side) + ".host", host, here);
      }
      return place.value("device", DeviceName::new);
    }

    private static Refused spans(String field, HostName host, HostName here) {
      return new Refused(
          Problem.of(
              ProblemCode.SET_SPANS_HOSTS,
              List.of(
                  new Violation(
                      field,
                      "SET_SPANS_HOSTS",
                      "is "
                          + host
                          + ", the others are on "
                          + here
                          + "; a set over several hosts cannot be moved yet",
                      "move what is on one host at a time only if it does no peer DMA across",
                      host.value(),
                      null))));
    }

    private static void twice(
        Given item, String side, @Nullable DeviceName name, Set<DeviceName> seen) {
      if (name != null && !seen.add(name)) {
        item.note(side, Violation.DUPLICATE, name + " is named twice");
      }
    }
  }
}
