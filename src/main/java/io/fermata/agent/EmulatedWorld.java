package io.fermata.agent;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What belongs to all emulated devices of a host together, under {@code fermata.agent.emulated}.
 *
 * @param demo adds the 17 devices of the demonstration
 * @param demoVm whose devices they are at the source
 * @param tick how often every running device does DMA to its peers, besides at each state change
 * @param queueDepth hops that one physical function works on at once
 * @param seed where the devices' randomness starts
 * @param eventsKept events kept in memory
 * @param eventFile where every event is appended, or null
 * @param memory the folder in which the state of the devices outlives the agent, or null
 */
public record EmulatedWorld(
    @DefaultValue("none") Demo demo,
    @DefaultValue("demo") String demoVm,
    @DefaultValue("1ms") Duration tick,
    @DefaultValue("1") int queueDepth,
    @DefaultValue("1") long seed,
    @DefaultValue("4096") int eventsKept,
    @Nullable Path eventFile,
    @Nullable Path memory) {

  /** Which end of the demonstration. */
  public enum Demo {
    NONE,
    SOURCE,
    DESTINATION
  }
}
