package io.fermata.api.view;

import io.fermata.api.text.Curl;
import io.fermata.api.text.Sheet;
import io.fermata.handover.HostName;
import io.fermata.handover.Side;
import io.fermata.handover.message.Remembered;
import io.fermata.migration.Migration;
import io.fermata.migration.Phase;
import io.fermata.migration.Recovery;
import io.fermata.migration.Recovery.Finding;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Whether this journal knows as much as the agents remember.
 *
 * @param state {@code comparing}, {@code quarantine}, {@code held} or {@code open}
 * @param reason the state in words
 * @param since when it came to that, or null while it has only begun
 * @param version of what there is to accept, for {@code If-Match}
 * @param confirm what the real call has to show; only in the answer to a dry run
 * @param imported how many migrations were imported; only in the answer to a real call
 * @param migrations those of which agents know more than the journal
 */
public record RecoveryView(
    String state,
    String reason,
    @Nullable Instant since,
    long version,
    @Nullable String confirm,
    @Nullable Integer imported,
    List<HostJson> hosts,
    List<FindingJson> migrations) {
  private static final int[] HOSTS = {20, 44, 10, 12};

  /**
   * One host.
   *
   * @param compared whether it has said what it remembers
   * @param trouble why it has not, or null
   * @param remembered claims of its agent; null while it has not said
   * @param ahead how many of them are of migrations of which the journal knows less
   */
  public record HostJson(
      String host,
      boolean compared,
      @Nullable String trouble,
      @Nullable Integer remembered,
      @Nullable Integer ahead) {
    static HostJson of(Recovery.Host host) {
      boolean told = host.silent() == null;
      return new HostJson(
          host.name().value(),
          told,
          host.silent(),
          told ? host.remembered() : null,
          told ? host.differing() : null);
    }
  }

  /**
   * One migration.
   *
   * @param verdict {@code agent-ahead} or {@code unknown-to-us}
   * @param agents what each agent knows
   * @param journal what the journal says, or null where it has nothing
   * @param imported what it becomes when it is accepted
   */
  public record FindingJson(
      String id,
      String vm,
      String source,
      String destination,
      String verdict,
      String why,
      List<ClaimJson> agents,
      @Nullable KnownJson journal,
      @Nullable KnownJson imported) {
    static FindingJson of(Finding finding) {
      Remembered any = finding.claims().getFirst();
      return new FindingJson(
          finding.migration().value(),
          any.vm(),
          any.source().value(),
          any.destination().value(),
          word(finding.verdict()),
          finding.why(),
          finding.claims().stream().map(ClaimJson::of).toList(),
          KnownJson.of(finding.kept()),
          KnownJson.of(finding.after()));
    }
  }

  /**
   * What an agent knows.
   *
   * @param standing {@code open}, {@code released} or {@code closed}
   * @param receipts the kinds of those that it holds
   */
  public record ClaimJson(
      String host,
      Side side,
      String standing,
      long epoch,
      String owner,
      @Nullable String stop,
      List<String> receipts) {
    static ClaimJson of(Remembered claim) {
      return new ClaimJson(
          claim.self().value(),
          claim.side(),
          word(claim.standing()),
          claim.promised().number(),
          claim.promised().owner(),
          claim.stop() == null ? null : claim.stop().toString(),
          claim.receipts());
    }

    private String text() {
      String has = receipts.isEmpty() ? "" : ", has " + String.join(" ", receipts);
      return host
          + ": "
          + word(side)
          + ", "
          + standing
          + ", epoch "
          + epoch
          + (stop == null ? "" : ", stop " + stop)
          + has;
    }
  }

  /** What a row of the journal has, or will have. */
  public record KnownJson(Phase phase, long epoch, boolean wentDark) {
    static @Nullable KnownJson of(@Nullable Migration m) {
      return m == null ? null : new KnownJson(m.phase(), m.epoch().number(), m.darkSince() > 0);
    }

    private String text() {
      return phase + ", epoch " + epoch + (wentDark ? ", may have been dark" : ", never dark");
    }
  }

  /** The view. */
  public static RecoveryView of(
      Recovery.View view, @Nullable String confirm, @Nullable Integer imported) {
    return new RecoveryView(
        word(view.state()),
        reason(view),
        view.since() == 0 ? null : Instant.ofEpochMilli(view.since()),
        view.version(),
        confirm,
        imported,
        view.hosts().stream().map(HostJson::of).toList(),
        view.findings().stream().map(FindingJson::of).toList());
  }

  /** The state in a sentence. */
  public static String reason(Recovery.View view) {
    int more = view.findings().size();
    String known =
        "agents know more than this journal of "
            + more
            + (more == 1 ? " migration" : " migrations");
    return switch (view.state()) {
      case COMPARING -> "agents are asked what they remember; nothing is driven yet";
      case QUARANTINE ->
          (more == 0 ? "this journal was begun with in quarantine" : known)
              + "; nothing is driven, nothing starts";
      case HELD -> known + "; what was driven is driven on, nothing starts";
      case OPEN ->
          view.silent().isEmpty()
              ? "this journal knows what the agents know"
              : "this journal knows what the agents know that answered; "
                  + String.join(", ", view.silent().stream().map(HostName::value).toList())
                  + " will be compared when heard of";
    };
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The same for people. */
  public String text() {
    Sheet sheet = new Sheet().line("state " + state + (since == null ? "" : " since " + since));
    sheet.words("  ", reason);
    if (imported != null) {
      sheet.line("  accepted; imported: " + imported);
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("HOST", "COMPARED", "REMEMBERS", "JOURNAL LESS"));
    for (HostJson host : hosts) {
      rows.add(
          List.of(
              host.host(),
              host.compared() ? "yes" : "no: " + host.trouble(),
              host.remembered() == null ? "?" : host.remembered().toString(),
              host.ahead() == null ? "?" : host.ahead().toString()));
    }
    sheet.table(HOSTS, rows);
    for (FindingJson each : migrations) {
      sheet.line(
          each.id()
              + "  "
              + each.vm()
              + "  "
              + each.source()
              + "→"
              + each.destination()
              + "  "
              + each.verdict());
      sheet.words("  ", each.why());
      each.agents().forEach(claim -> sheet.words("  ", claim.text()));
      sheet.line("  journal: " + (each.journal() == null ? "nothing" : each.journal().text()));
      if (each.imported() != null) {
        sheet.line("  imported as: " + each.imported().text());
      }
    }
    return sheet.next(next());
  }

  private String next() {
    if (confirm != null) {
      return "curl -X POST $F/recovery/accept -H 'If-Match: \""
          + version
          + "\"' -d confirm="
          + confirm
          + without()
          + " -d reason=…";
    }
    boolean waits = state.equals("quarantine") || state.equals("held");
    return waits
        ? "curl -X POST \"$F/recovery/accept?dryRun=true&o=text\"" + without() + " -d reason=…"
        : Curl.get("/migrations?phase=active");
  }

  private String without() {
    return hosts.stream().allMatch(HostJson::compared) ? "" : " -d withoutUnreachable=true";
  }
}
