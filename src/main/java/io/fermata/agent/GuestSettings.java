package io.fermata.agent;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How virtual machines are reached, under {@code fermata.agent.guests}.
 *
 * @param qmp path of a machine's QMP socket, with {@code {vm}} where its name belongs; null where
 *     each is named
 * @param deadline for each exchange with a machine
 * @param machines those that differ
 */
public record GuestSettings(
    @Nullable String qmp,
    @DefaultValue("2s") Duration deadline,
    @DefaultValue List<Machine> machines) {
  private static final String NAME = "{vm}";

  /** What may stand in a path: no name leads out of its folder. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]*");

  /** A socket's path is longer than this nowhere on Linux (sun_path). */
  private static final int SOCKET_CHARACTERS = 107;

  /**
   * One virtual machine.
   *
   * @param guest how it is reached; null for the same as all
   * @param qmp its QMP socket; null for the path of all
   */
  public record Machine(
      @Nullable String vm, AgentSettings.@Nullable Guest guest, @Nullable String qmp) {}

  public GuestSettings {
    machines = List.copyOf(machines);
  }

  /** What is wrong, each beginning with the property below this one. */
  List<String> problems(AgentSettings.Guest rest) {
    List<String> problems = new ArrayList<>();
    if (!deadline.isPositive()) {
      problems.add("guests.deadline: must be longer than 0, is " + deadline);
    }
    if (rest == AgentSettings.Guest.QMP && (qmp == null || !qmp.contains(NAME))) {
      problems.add("guests.qmp: missing, or without " + NAME + " where the machine's name belongs");
    }
    for (int i = 0; i < machines.size(); i++) {
      Machine each = machines.get(i);
      String property = "guests.machines[" + i + "]";
      if (each.vm() == null) {
        problems.add(property + ".vm: missing");
      }
      boolean lost = each.guest() == AgentSettings.Guest.QMP && each.qmp() == null && qmp == null;
      if (lost) {
        problems.add(property + ".qmp: missing; the path of its QMP socket");
      }
      if (each.qmp() != null && each.qmp().length() > SOCKET_CHARACTERS) {
        problems.add(property + ".qmp: longer than " + SOCKET_CHARACTERS + " characters");
      }
    }
    return problems;
  }

  /** How that machine is reached. */
  AgentSettings.Guest control(String vm, AgentSettings.Guest rest) {
    return named(vm)
        .map(each -> {
          boolean socket = each.guest() == null && each.qmp() != null;
          return socket ? AgentSettings.Guest.QMP : each.guest() == null ? rest : each.guest();
        })
        .orElse(rest);
  }

  /** Its QMP socket. */
  Path socket(String vm) {
    Optional<String> own = named(vm).flatMap(each -> Optional.ofNullable(each.qmp()));
    if (own.isPresent()) {
      return Path.of(own.get());
    }
    String name = PLAIN.matcher(vm).matches() ? vm : "a-name-that-fits-no-path";
    return Path.of(qmp == null ? name : qmp.replace(NAME, name));
  }

  private Optional<Machine> named(String vm) {
    return machines.stream().filter(each -> vm.equals(each.vm())).findFirst();
  }
}
