package io.fermata.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

class ReplicaUrlTest {
  @ParameterizedTest
  @CsvSource({
    "http://10.1.2.3:8080,       http://10.1.2.3:8080",
    "https://replica-0.example:8443, https://replica-0.example:8443",
    "https://fd00:10:244::1f:8080, https://[fd00:10:244::1f]:8080",
    "http://::ffff:10.1.2.3:8080, http://[::ffff:10.1.2.3]:8080",
    "https://[fd00::7]:8080,     https://[fd00::7]:8080",
  })
  void anAddressBeforeAPortMayBeOfEitherKind(String configured, String url) {
    assertEquals(url, ReplicaUrl.of(configured, new StandardEnvironment()));
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, , http://127.0.0.1:8090",
    "fd00::7, , http://[fd00::7]:8090",
    "127.0.0.1, api, https://127.0.0.1:8090",
  })
  void withoutOneItIsTheAddressThatTheServerHas(String address, String bundle, String url) {
    var environment = new StandardEnvironment();
    Map<String, Object> settings =
        bundle == null
            ? Map.of("server.address", address, "server.port", "8090")
            : Map.of("server.address", address, "server.port", "8090", "server.ssl.bundle", bundle);
    environment.getPropertySources().addFirst(new MapPropertySource("test", settings));
    assertEquals(url, ReplicaUrl.of(null, environment));
  }
}
