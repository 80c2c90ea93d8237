package io.fermata.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** A hop that takes its time breaks no stream: silence is borne for longer than a hop may take. */
class StreamIdleTest {
  private static AgentSettings settings(Map<String, String> more) {
    Map<String, String> all = new HashMap<>(more);
    all.put("fermata.agent.host", "host-a");
    all.put("fermata.agent.directory", "/nowhere");
    all.put("fermata.agent.backend", "emulated");
    return new Binder(new MapConfigurationPropertySource(all))
        .bind("fermata.agent", AgentSettings.class)
        .get();
  }

  private static Duration idle(Map<String, String> more) {
    AgentSettings settings = settings(more);
    return settings.dataPlane().idle(settings.timings().hop());
  }

  @Test
  void byItselfItIsLongerThanAHopAndNeverShorterThanTenSeconds() {
    assertEquals(Duration.ofSeconds(15), idle(Map.of()));
    assertEquals(Duration.ofSeconds(35), idle(Map.of("fermata.agent.timings.hop", "30s")));
    assertEquals(Duration.ofSeconds(10), idle(Map.of("fermata.agent.timings.hop", "1s")));
    assertEquals(Duration.ofMinutes(10), idle(Map.of("fermata.agent.timings.hop", "1h")));
  }

  @Test
  void itMayBeSet() {
    Map<String, String> both =
        Map.of("fermata.agent.timings.hop", "2s", "fermata.agent.data-plane.idle", "6s");
    assertEquals(Duration.ofSeconds(6), idle(both));
  }

  @Test
  void aGraceThatASilenceWouldCutShortIsRefusedByName() {
    Map<String, String> both =
        Map.of("fermata.agent.timings.hop", "2s", "fermata.agent.data-plane.grace", "5s");
    assertTrue(refusal(both).contains("fermata.agent.data-plane.grace: must be longer than 0"));
  }

  @ParameterizedTest
  @CsvSource({"10s,10s", "10s,3s", "10s,11m", "1s,0s"})
  void oneThatAHopWouldBreakIsRefusedByName(String hop, String idle) {
    Map<String, String> both =
        Map.of("fermata.agent.timings.hop", hop, "fermata.agent.data-plane.idle", idle);
    String refusal = refusal(both);
    assertTrue(refusal.contains("fermata.agent.data-plane.idle: must be longer than"), refusal);
  }

  @Test
  void anOutageInTheDarkThatMayLastLongerThanAnyIsRefusedByName() {
    String refusal = refusal(Map.of("fermata.agent.data-plane.resume", "100ms"));
    assertTrue(refusal.contains("fermata.agent.data-plane.resume-frozen"), refusal);
    var off =
        Map.of(
            "fermata.agent.data-plane.resume", "0", "fermata.agent.data-plane.resume-frozen", "0");
    assertFalse(settings(off).dataPlane().resuming().isOn());
    assertTrue(settings(Map.of()).dataPlane().resuming().isOn());
  }

  private static String refusal(Map<String, String> more) {
    Throwable refused = assertThrows(BindException.class, () -> settings(more));
    while (refused.getCause() != null) {
      refused = refused.getCause();
    }
    return String.valueOf(refused.getMessage());
  }
}
