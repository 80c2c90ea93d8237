package io.fermata.agent;

import io.fermata.agent.guest.GuestControl;
import io.fermata.agent.guest.NoGuest;
import io.fermata.agent.guest.QmpGuest;
import io.fermata.handover.Effect;
import io.fermata.handover.Event;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Request;
import io.fermata.wire.AgentStatus;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The guests of this host, each reached as the settings say. */
final class Guests implements AgentPorts.Guests, AutoCloseable {
  private final AgentSettings settings;
  private final GuestControl none = new NoGuest();
  private final GuestControl qmp;
  private final Consumer<Event> events;

  Guests(AgentSettings settings, AgentPorts.Clock clock, Consumer<Event> events) {
    this.settings = settings;
    this.events = events;
    this.qmp =
        new QmpGuest(
            settings.guests()::socket,
            settings.guests().deadline(),
            settings.slateDirectory().resolve("paused"),
            clock::nanos,
            events);
  }

  @Override
  public void set(Effect.Guest wanted) {
    MigrationId migration = wanted.migration();
    control(wanted.vm())
        .set(
            wanted,
            found -> events.accept(new Event.GuestIs(migration, found.state(), found.nanos())));
  }

  private GuestControl control(String vm) {
    return switch (settings.guests().control(vm, settings.guest())) {
      case NONE -> none;
      case QMP -> qmp;
    };
  }

  /**
   * Why no claim may be made: a guest that does not answer now would not be paused in the barrier,
   * or not run after the seal. Blocks for as long as the guest's deadlines allow.
   */
  Optional<Refusal> objection(Request request) {
    return switch (request) {
      case Request.ClaimSource r -> objection(r.spec(), Side.SOURCE);
      case Request.ClaimDestination r -> objection(r.spec(), Side.DESTINATION);
      default -> Optional.empty();
    };
  }

  private Optional<Refusal> objection(ClaimSpec spec, Side side) {
    GuestControl.Look look = control(spec.vm()).look(spec.vm());
    @Nullable String trouble =
        switch (look.state()) {
          case SILENT, GONE -> look.trouble() == null ? "it has ended" : look.trouble();
          case RUNNING ->
              side == Side.DESTINATION ? "its vCPUs run here already; start it with -S" : null;
          case PAUSED, HELD -> null;
          case UNKNOWN -> look.trouble();
        };
    return trouble == null
        ? Optional.empty()
        : Optional.of(
            new Refusal(
                Refusal.Code.CANNOT_MIGRATE,
                settings.hostName()
                    + " cannot pause and run the guest "
                    + spec.vm()
                    + ": "
                    + trouble));
  }

  /** What the status says of them. */
  AgentStatus.Guests view() {
    SortedMap<String, String> named = new TreeMap<>();
    for (GuestSettings.Machine each : settings.guests().machines()) {
      if (each.vm() != null) {
        named.put(each.vm(), control(each.vm()).kind(each.vm()));
      }
    }
    String rest = settings.guest().name().toLowerCase(Locale.ROOT);
    return new AgentStatus.Guests(rest, named);
  }

  @Override
  public void close() {
    qmp.close();
  }
}
