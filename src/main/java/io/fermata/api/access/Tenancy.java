package io.fermata.api.access;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Which machines a caller may see. One that is bound to a tenant sees those whose label says so,
 * and of all others not even that they exist.
 */
@Component
public final class Tenancy {
  private static final String LABEL = "tenant";

  private final AccessSettings settings;

  Tenancy(AccessSettings settings) {
    this.settings = settings;
  }

  /** Whether whoever makes the present request may see that machine. */
  public boolean sees(String vm) {
    String tenant = Caller.current().tenant();
    return tenant == null || tenant.equals(owner(vm));
  }

  /** Whether he may see a device that is of that machine, or of none. */
  public boolean seesDeviceOf(@Nullable String vm) {
    return vm == null || sees(vm);
  }

  /** Whether he may see only some. */
  public boolean bound() {
    return Caller.current().tenant() != null;
  }

  private @Nullable String owner(String vm) {
    return settings.vms().stream()
        .filter(entry -> entry.fits(vm))
        .findFirst()
        .map(entry -> Objects.requireNonNullElse(entry.labels().get(LABEL), ""))
        .orElse(null);
  }
}
