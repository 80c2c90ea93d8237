package io.fermata.api;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings {@code fermata.api.*}: what one caller may ask for.
 *
 * @param bodyBytesMax largest body
 * @param devicesMax largest set
 * @param budgetMillisDefault blackout budget of a request that names none; 0 for no budget
 * @param budgetMillisMax largest blackout budget
 * @param preCopySecondsDefault longest pre-copy of a request that does not say
 * @param preCopySecondsMax longest pre-copy
 * @param switchoverBytesDefault what may be left when the barrier begins, where not said
 * @param switchoverBytesMax the most that may be asked for there
 * @param waitMax longest {@code ?wait}
 * @param clientsMax how many may wait or follow at once
 * @param heartbeat pause after which a silent stream says that it lives
 * @param planValid how long a plan may be believed
 * @param pageDefault items of a list where not said
 * @param pageMax most items of a list
 * @param labelsMax most labels of a host that is entered
 */
@ConfigurationProperties("fermata.api")
public record ApiSettings(
    @DefaultValue("1048576") int bodyBytesMax,
    @DefaultValue("256") int devicesMax,
    @DefaultValue("0") long budgetMillisDefault,
    @DefaultValue("3600000") long budgetMillisMax,
    @DefaultValue("120") int preCopySecondsDefault,
    @DefaultValue("86400") int preCopySecondsMax,
    @DefaultValue("16777216") long switchoverBytesDefault,
    @DefaultValue("1099511627776") long switchoverBytesMax,
    @DefaultValue("60s") Duration waitMax,
    @DefaultValue("200") int clientsMax,
    @DefaultValue("10s") Duration heartbeat,
    @DefaultValue("5m") Duration planValid,
    @DefaultValue("50") int pageDefault,
    @DefaultValue("500") int pageMax,
    @DefaultValue("50") int labelsMax) {
  public ApiSettings {
    within("body-bytes-max", bodyBytesMax, 1024, 64 << 20);
    within("devices-max", devicesMax, 1, 4096);
    within("budget-millis-max", budgetMillisMax, 1, Duration.ofDays(7).toMillis());
    within("budget-millis-default", budgetMillisDefault, 0, budgetMillisMax);
    within("pre-copy-seconds-max", preCopySecondsMax, 1, 7 * 86_400);
    within("pre-copy-seconds-default", preCopySecondsDefault, 1, preCopySecondsMax);
    within("switchover-bytes-max", switchoverBytesMax, 1, Long.MAX_VALUE);
    within("switchover-bytes-default", switchoverBytesDefault, 0, switchoverBytesMax);
    within("wait-max", waitMax.toMillis(), 1, 600_000);
    within("clients-max", clientsMax, 1, 100_000);
    within("heartbeat", heartbeat.toMillis(), 50, 600_000);
    within("plan-valid", planValid.toMillis(), 1000, Duration.ofDays(1).toMillis());
    within("page-max", pageMax, 1, 10_000);
    within("page-default", pageDefault, 1, pageMax);
    within("labels-max", labelsMax, 0, 1000);
  }

  private static void within(String property, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "fermata.api." + property + " must be from " + least + " to " + most + ", is " + value);
    }
  }
}
