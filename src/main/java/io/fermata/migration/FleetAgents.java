package io.fermata.migration;

import io.fermata.fleet.AgentClient;
import io.fermata.fleet.Fleet;
import io.fermata.fleet.HostView;
import io.fermata.handover.HostName;
import io.fermata.handover.message.Request;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/** The agents where the inventory says they are. */
final class FleetAgents implements Agents {
  private final Fleet fleet;
  private final AgentClient client;

  FleetAgents(Fleet fleet, AgentClient client) {
    this.fleet = fleet;
    this.client = client;
  }

  @Override
  public void ask(HostName host, Request request, long timeoutMillis, Consumer<Word> then) {
    Optional<HostView> view = fleet.host(host);
    if (view.isEmpty()) {
      then.accept(new Word.Silent(host + " is not in the inventory"));
      return;
    }
    var _ =
        client
            .ask(view.get().agent(), request, Duration.ofMillis(timeoutMillis))
            .whenComplete((answer, fault) ->
                then.accept(
                    fault == null ? new Word.Answered(answer) : new Word.Silent(why(fault))));
  }

  static String why(Throwable fault) {
    Throwable cause = fault.getCause() == null ? fault : fault.getCause();
    return String.valueOf(cause.getMessage());
  }
}
