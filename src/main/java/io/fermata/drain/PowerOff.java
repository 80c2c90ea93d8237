package io.fermata.drain;

import io.fermata.device.DeviceState;
import io.fermata.drain.Blocker.Code;
import io.fermata.fleet.AgentWord;
import io.fermata.fleet.DeviceView;
import io.fermata.fleet.HostMarks;
import io.fermata.fleet.HostView.AgentState;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.migration.Migration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a host may be switched off, and what speaks against it. Safe is only what is proven: the
 * host takes nothing new, no open migration knows it, and its agent, asked after both were looked
 * at, holds nothing of any machine and knows what each device does.
 *
 * @param reasons what speaks against it; empty where it is safe
 * @param askedMillis when the agent was asked, epoch milliseconds
 * @param incarnation names the slate that the agent answered by, or null
 * @param cordonVersion of the host's marks that kept it empty
 */
public record PowerOff(
    boolean safe,
    List<Blocker> reasons,
    long askedMillis,
    @Nullable String incarnation,
    long cordonVersion) {
  /** A state that was read longer ago than this says nothing of now. */
  private static final long OLD_MILLIS = 30_000;

  public PowerOff {
    reasons = List.copyOf(reasons);
    if (safe != reasons.isEmpty()) {
      throw new IllegalArgumentException("a host is safe to power off without reasons against it");
    }
  }

  /**
   * What is looked at, in this order: a migration that came after the look at the open ones would
   * have come to a cordoned host, and what one did before it the agent knows when it is asked.
   *
   * @param marks what operators say of the host
   * @param open the migrations that have it as source or destination and are not over
   * @param said what the agent answered after that, or empty where it did not
   * @param staying machines that are left there on purpose
   */
  public record Look(
      HostName host,
      HostMarks marks,
      List<Migration> open,
      Optional<AgentWord> said,
      Set<String> staying,
      long settleMillis,
      long nowMillis) {}

  /** The judgement. */
  public static PowerOff judge(Look look) {
    List<Blocker> reasons = new ArrayList<>();
    cordon(look, reasons);
    for (Migration m : look.open()) {
      reasons.add(
          reason(
              look,
              Code.MIGRATION_OPEN,
              m.order().vm(),
              null,
              m.id() + " of " + m.order().vm() + " is in " + m.phase(),
              explain(m.id())));
    }
    look.said()
        .ifPresentOrElse(
            said -> agent(look, said, reasons),
            () ->
                reasons.add(
                    reason(
                        look,
                        Code.AGENT_SILENT,
                        null,
                        null,
                        "its agent did not answer, and silence proves nothing",
                        show(look.host()))));
    return new PowerOff(
        reasons.isEmpty(),
        reasons,
        look.nowMillis(),
        look.said().map(AgentWord::incarnation).orElse(null),
        look.marks().version());
  }

  private static void cordon(Look look, List<Blocker> reasons) {
    HostMarks.Mark cordon = look.marks().cordon();
    if (cordon == null) {
      reasons.add(
          reason(
              look,
              Code.NOT_CORDONED,
              null,
              null,
              "new migrations may come to it",
              "curl -X POST $F/hosts/" + look.host() + "/cordon -d reason=…"));
    } else if (look.nowMillis() - cordon.sinceMillis() < look.settleMillis()) {
      reasons.add(
          reason(
              look,
              Code.NOT_CORDONED,
              null,
              null,
              "its cordon is younger than what every orchestrator may take to learn of it",
              show(look.host())));
    }
  }

  private static void agent(Look look, AgentWord said, List<Blocker> reasons) {
    var host = said.host();
    if (host.marks().quarantine() != null || host.state() == AgentState.QUARANTINED) {
      reasons.add(
          reason(
              look,
              Code.AGENT_QUARANTINED,
              null,
              null,
              "its agent is in quarantine: its word is no proof",
              show(look.host())));
    } else if (host.state() != AgentState.READY) {
      reasons.add(
          reason(
              look,
              Code.AGENT_QUIET,
              null,
              null,
              "its agent is " + host.state() + ": it cannot tell what it holds",
              show(look.host())));
    }
    for (MigrationId claim : said.claims()) {
      String detail = claim + " holds devices there";
      reasons.add(reason(look, Code.CLAIMED, null, null, detail, explain(claim)));
    }
    host.devices().forEach(device -> device(look, device, reasons));
  }

  private static void device(Look look, DeviceView device, List<Blocker> reasons) {
    String name = device.name().value();
    String vm = device.vm();
    if (vm != null) {
      boolean stays = look.staying().contains(vm);
      reasons.add(
          reason(
              look,
              stays ? Code.VM_EXCLUDED : Code.VM_OWNED,
              vm,
              name,
              name + " belongs to " + vm + (stays ? ", which the drain leaves there" : ""),
              "curl \"$F/hosts/" + look.host() + "/devices?o=text\""));
    }
    boolean old = look.nowMillis() - device.stateSeenMillis() > OLD_MILLIS;
    if (device.unavailable() != null || device.state() == DeviceState.UNKNOWN || old) {
      String why = device.unavailable();
      String detail =
          name
              + (why != null
                  ? " cannot be had: " + why
                  : old ? " was not read for a while" : " cannot be read");
      String fix = "curl -X POST \"$F/hosts/" + look.host() + "/devices/" + name;
      reasons.add(
          reason(
              look,
              Code.DEVICE_UNKNOWN,
              vm,
              name,
              detail,
              fix + "/reset?dryRun=true\" -d reason=…"));
    }
  }

  private static Blocker reason(
      Look look,
      Code code,
      @Nullable String vm,
      @Nullable String device,
      String detail,
      String next) {
    return new Blocker(code, vm, device, detail, next, look.nowMillis());
  }

  private static String show(HostName host) {
    return "curl \"$F/hosts/" + host + "?o=text\"";
  }

  private static String explain(MigrationId id) {
    return "curl \"$F/migrations/" + id + "/explain?o=text\"";
  }
}
