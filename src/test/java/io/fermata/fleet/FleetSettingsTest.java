package io.fermata.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** The inventory as an operator writes it. */
class FleetSettingsTest {
  private static final String FIRST = "fermata.fleet.hosts[0].";

  @Test
  void aHostMayBeReachedByItsPeersAtAnotherAddress() {
    var host =
        bound(FIRST + "name", "a", FIRST + "agent", "http://x:1", FIRST + "peer", "http://y:2")
            .hosts()
            .getFirst();
    assertEquals(URI.create("http://x:1"), host.agent());
    assertEquals(URI.create("http://y:2"), host.peer());
  }

  @Test
  void anAddressOfPeersThatIsNoHttpAddressIsAnErrorThatNamesIt() {
    var wrong =
        assertThrows(
            BindException.class,
            () -> bound(FIRST + "name", "a", FIRST + "agent", "http://x:1", FIRST + "peer", "y:2"));
    Throwable cause = wrong;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    assertEquals(FIRST + "peer must begin with http:// or https://", cause.getMessage());
  }

  private static FleetSettings bound(
      String name, String a, String agent, String b, String peer, String c) {
    var source = new MapConfigurationPropertySource(Map.of(name, a, agent, b, peer, c));
    return new Binder(source).bindOrCreate("fermata.fleet", FleetSettings.class);
  }
}
