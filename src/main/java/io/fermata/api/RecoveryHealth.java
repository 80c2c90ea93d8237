package io.fermata.api;

import io.fermata.api.view.RecoveryView;
import io.fermata.migration.Recovery;
import java.util.Locale;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/**
 * Says in the readiness probe how the journal stands to the agents. A quarantine keeps nobody out:
 * reads work, and the word that ends it has to come in.
 */
@Component("recoveryHealthIndicator")
class RecoveryHealth implements HealthIndicator {
  private final Recovery recovery;

  RecoveryHealth(Recovery recovery) {
    this.recovery = recovery;
  }

  @Override
  public Health health() {
    Recovery.View view = recovery.view();
    return Health.up()
        .withDetail("state", view.state().name().toLowerCase(Locale.ROOT))
        .withDetail("reason", RecoveryView.reason(view))
        .build();
  }
}
