package io.fermata.api.access;

import jakarta.servlet.http.HttpServletRequest;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;

/**
 * Who asks.
 *
 * @param name the token's subject or the certificate's; {@code anonymous} where nobody is asked
 * @param mechanism how the server knows it
 * @param duties what he may do
 * @param tenant whose machines alone he may see, or null for all
 */
public record Caller(String name, Mechanism mechanism, Set<Duty> duties, @Nullable String tenant) {
  static final String ATTRIBUTE = Caller.class.getName();

  /** How a caller proves who he is. */
  public enum Mechanism {
    /** A token of the issuer. */
    BEARER,
    /** A client certificate: for when the issuer is down. */
    CLIENT_CERT,
    /** Not at all. */
    NONE
  }

  /** Everybody, on a machine that nobody else reaches. */
  static final Caller DEVELOPER =
      new Caller("anonymous", Mechanism.NONE, EnumSet.allOf(Duty.class), null);

  public Caller {
    duties = Set.copyOf(duties);
  }

  /** Who makes this request, once that is known; also when it was refused then. */
  public static Optional<Caller> of(HttpServletRequest request) {
    return request.getAttribute(ATTRIBUTE) instanceof Caller caller
        ? Optional.of(caller)
        : Optional.empty();
  }

  /** Who makes the request that this thread serves. */
  public static Caller current() {
    RequestAttributes request = RequestContextHolder.getRequestAttributes();
    Object found =
        request == null ? null : request.getAttribute(ATTRIBUTE, RequestAttributes.SCOPE_REQUEST);
    return found instanceof Caller caller ? caller : DEVELOPER;
  }
}
