package io.fermata.migration;

import io.fermata.fleet.AgentClient;
import io.fermata.fleet.Fleet;
import io.fermata.fleet.HostView;
import io.fermata.handover.HostName;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/** What the agents remember, where the inventory says that they are. */
final class FleetMemories implements Memories {
  private final Fleet fleet;
  private final AgentClient client;

  FleetMemories(Fleet fleet, AgentClient client) {
    this.fleet = fleet;
    this.client = client;
  }

  @Override
  public void ask(HostName host, long timeoutMillis, Consumer<Word> then) {
    Optional<HostView> view = fleet.host(host);
    if (view.isEmpty()) {
      then.accept(new Word.Silent(host + " is not in the inventory"));
      return;
    }
    var _ =
        client
            .memory(view.get().agent(), Duration.ofMillis(timeoutMillis))
            .whenComplete((told, fault) ->
                then.accept(
                    fault == null ? new Word.Told(told) : new Word.Silent(FleetAgents.why(fault))));
  }
}
