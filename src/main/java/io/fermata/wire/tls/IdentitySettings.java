package io.fermata.wire.tls;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who this process is towards agents and orchestrators, under {@code fermata.identity}. All three
 * files or none; they are read again when they change.
 *
 * @param trustDomain first part of every identity; others are refused
 * @param certificate PEM file with this process's chain, its own certificate first
 * @param privateKey PEM file with its key, PKCS#8
 * @param authorities PEM file with the authorities that may name agents and orchestrators, and
 *     nobody else: not those of the public API
 * @param operators PEM file with the public keys of those on whose word an agent decides where a
 *     lost host's set runs; read at each such word. Without it no word is believed
 */
@ConfigurationProperties(prefix = "fermata.identity", ignoreUnknownFields = false)
public record IdentitySettings(
    @DefaultValue("fermata") String trustDomain,
    @Nullable String certificate,
    @Nullable String privateKey,
    @Nullable String authorities,
    @Nullable String operators) {

  /** The bundle that Spring makes of the three files. */
  static final String BUNDLE = "fermata-identity";

  /** Whether processes prove who they are. */
  boolean given() {
    return certificate != null && !certificate.isBlank();
  }
}
