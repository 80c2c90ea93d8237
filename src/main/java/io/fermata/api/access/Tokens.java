package io.fermata.api.access;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2TokenValidatorResult;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.jwt.SupplierJwtDecoder;

/**
 * Tokens of the issuer: signature, issuer, audience, authorized party and times have to be right.
 * The issuer's keys are fetched at the first token, kept for minutes, and fetched anew for a key
 * that is not known yet.
 */
final class Tokens {
  private final AccessSettings settings;
  private final JwtDecoder decoder;

  Tokens(AccessSettings settings) {
    this.settings = settings;
    this.decoder = new SupplierJwtDecoder(() -> decoder(settings));
  }

  private static JwtDecoder decoder(AccessSettings settings) {
    String issuer = Objects.requireNonNull(settings.issuer());
    NimbusJwtDecoder.JwkSetUriJwtDecoderBuilder builder =
        settings.jwks() == null
            ? NimbusJwtDecoder.withIssuerLocation(issuer)
            : NimbusJwtDecoder.withJwkSetUri(settings.jwks());
    NimbusJwtDecoder decoder =
        builder
            .jwsAlgorithms(all -> {
              all.clear();
              all.addAll(
                  Set.of(
                      SignatureAlgorithm.RS256,
                      SignatureAlgorithm.PS256,
                      SignatureAlgorithm.ES256));
            })
            .build();
    decoder.setJwtValidator(
        new DelegatingOAuth2TokenValidator<>(
            List.of(
                new JwtTimestampValidator(settings.clockSkew()),
                new JwtIssuerValidator(issuer),
                has("exp", token -> token.getExpiresAt() != null),
                has("sub", token -> token.getSubject() != null && !token.getSubject().isBlank()),
                has("aud", token -> audience(token).contains(settings.audience())),
                has("azp", token -> party(token, settings.authorizedParties())))));
    return decoder;
  }

  private static List<String> audience(Jwt token) {
    List<String> audience = token.getAudience();
    return audience == null ? List.of() : audience;
  }

  private static boolean party(Jwt token, List<String> allowed) {
    String party = token.getClaimAsString("azp");
    return allowed.isEmpty() || (party != null && allowed.contains(party));
  }

  private interface Rule {
    boolean holds(Jwt token);
  }

  private static OAuth2TokenValidator<Jwt> has(String claim, Rule rule) {
    OAuth2Error wrong = new OAuth2Error("invalid_token", "the claim " + claim + " is wrong", null);
    return token ->
        rule.holds(token)
            ? OAuth2TokenValidatorResult.success()
            : OAuth2TokenValidatorResult.failure(wrong);
  }

  /**
   * Whose token it is.
   *
   * @throws JwtException if it is none of the issuer's for us, now
   */
  Caller caller(String token) {
    Jwt jwt = decoder.decode(token);
    String tenant = jwt.getClaimAsString(settings.tenantClaim());
    String name = Objects.requireNonNull(jwt.getSubject());
    return new Caller(name, Caller.Mechanism.BEARER, duties(jwt), tenant);
  }

  private Set<Duty> duties(Jwt jwt) {
    Set<Duty> duties = EnumSet.noneOf(Duty.class);
    if (claim(jwt) instanceof List<?> values) {
      for (Object value : values) {
        Duty duty = duty(String.valueOf(value));
        if (duty != null) {
          duties.add(duty);
        }
      }
    }
    return duties;
  }

  private @Nullable Object claim(Jwt jwt) {
    Object here = jwt.getClaims();
    for (String step : settings.rolesClaim().split("\\.")) {
      here = here instanceof Map<?, ?> object ? object.get(step) : null;
    }
    return here;
  }

  private @Nullable Duty duty(String value) {
    if (!settings.roles().isEmpty()) {
      return settings.roles().get(value);
    }
    for (Duty duty : Duty.values()) {
      if (duty.name().toLowerCase(Locale.ROOT).equals(value)) {
        return duty;
      }
    }
    return null;
  }
}
