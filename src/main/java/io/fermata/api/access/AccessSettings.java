package io.fermata.api.access;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who may use the API, under {@code fermata.access}. Without an issuer and without authorities of
 * client certificates nobody is asked; the API then listens on this machine only.
 *
 * @param certificate PEM file with the API's chain
 * @param privateKey PEM file with its key
 * @param clientAuthorities PEM file with the authorities of client certificates, for when the
 *     issuer is down; not those of agents
 * @param issuer as it stands in tokens; its keys are found by OpenID Connect discovery
 * @param jwks where its keys are, instead
 * @param audience must be in every token
 * @param authorizedParties clients that tokens may have been given to ({@code azp}); empty for any
 * @param rolesClaim the claim with the roles; dots lead into objects
 * @param roles which of its values stand for which duty; where empty, the duties' own names
 * @param tenantClaim the claim that binds a token to one tenant
 * @param vms labels of machines; the first entry whose name fits counts
 * @param clients the subjects of client certificates, as RFC 2253 writes them
 * @param openMetrics whether metrics need no token
 * @param ratePerSecond requests of one caller, in the long run; an abort counts for nothing
 * @param burst requests at once
 * @param clockSkew by which a token may be too old or too new
 */
@ConfigurationProperties(prefix = "fermata.access", ignoreUnknownFields = false)
public record AccessSettings(
    @Nullable String certificate,
    @Nullable String privateKey,
    @Nullable String clientAuthorities,
    @Nullable String issuer,
    @Nullable String jwks,
    @DefaultValue("fermata") String audience,
    @DefaultValue List<String> authorizedParties,
    @DefaultValue("roles") String rolesClaim,
    @DefaultValue Map<String, Duty> roles,
    @DefaultValue("tenant") String tenantClaim,
    @DefaultValue List<Vm> vms,
    @DefaultValue List<Client> clients,
    @DefaultValue("false") boolean openMetrics,
    @DefaultValue("50") int ratePerSecond,
    @DefaultValue("200") int burst,
    @DefaultValue("30s") Duration clockSkew) {

  /**
   * Labels of machines.
   *
   * @param name of the machine; a star at its end stands for anything
   */
  public record Vm(String name, @DefaultValue Map<String, String> labels) {
    boolean fits(String vm) {
      return name.endsWith("*")
          ? vm.startsWith(name.substring(0, name.length() - 1))
          : vm.equals(name);
    }
  }

  /** One who may come with a client certificate. */
  public record Client(String subject, @DefaultValue List<Duty> duties) {}

  public AccessSettings {
    authorizedParties = List.copyOf(authorizedParties);
    roles = Map.copyOf(roles);
    vms = List.copyOf(vms);
    clients = List.copyOf(clients);
    if (ratePerSecond < 1 || burst < 1) {
      throw new IllegalArgumentException(
          "fermata.access: rate-per-second and burst must be above 0");
    }
    if (clockSkew.isNegative() || clockSkew.compareTo(Duration.ofMinutes(5)) > 0) {
      throw new IllegalArgumentException("fermata.access.clock-skew must be from 0 to 5m");
    }
  }

  /** Whether callers have to say who they are. */
  boolean asks() {
    return issuer != null || clientAuthorities != null;
  }
}
