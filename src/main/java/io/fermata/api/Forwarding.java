package io.fermata.api;

import io.fermata.api.problem.ProblemCode;
import io.fermata.api.problem.Refused;
import io.fermata.api.request.Bodies;
import io.fermata.handover.MigrationId;
import io.fermata.migration.Migrations;
import io.fermata.migration.Owners;
import io.fermata.migration.Owners.Owner;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Sends a request about one migration to the replica that drives it, and hands its answer back as
 * it is. What only asks is answered from the journal where the owner cannot be reached; what
 * changes something waits until the owner answers or somebody has taken over.
 *
 * <p>A request is sent on once and never again by whoever receives it. The sender proves with the
 * receiver's token, which only replicas can read, that it is one; then its word for who asks is
 * believed. The receiver proves it by its key, see {@link ReplicaTrust}.
 */
@Component
class Forwarding implements HandlerInterceptor, AutoCloseable {
  static final String ACTOR = Forwarding.class.getName() + ".actor";
  static final String HOP = "Fermata-Forwarded";
  private static final String TOKEN = "Fermata-Replica-Token";
  private static final String ON_BEHALF = "Fermata-Actor";
  private static final String ANSWERED_BY = "Fermata-Owner";

  /** Of one migration, but for what the journal answers wherever it is read. */
  private static final Pattern OF_ONE =
      Pattern.compile(
          "/api/v1/migrations/([a-z0-9]{1,40})"
              + "(/abort|/switchover|/resolve|/explain|/timeline)?");

  private static final List<String> CARRIED =
      List.of(
          "Accept", "Content-Type", "Idempotency-Key", "If-Match", "Authorization", "X-Request-Id");
  private static final List<String> RETURNED =
      List.of("Content-Type", "ETag", "Location", "Idempotency-Replayed", "Retry-After");
  private static final Duration CONNECT = Duration.ofSeconds(1);
  private static final Duration ANSWER = Duration.ofSeconds(95);

  /** Longer than a dead owner's lease and the heartbeat after it. */
  private static final Duration PATIENCE = Duration.ofSeconds(4);

  private static final Duration PAUSE = Duration.ofMillis(200);

  private final Owners owners;
  private final Migrations migrations;
  private final HttpClient http;

  Forwarding(Owners owners, Migrations migrations, ReplicaTrust trust) {
    this.owners = owners;
    this.migrations = migrations;
    this.http =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .version(HttpClient.Version.HTTP_1_1)
            .sslContext(trust.context())
            .build();
  }

  @Override
  public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler)
      throws IOException {
    Matcher path = OF_ONE.matcher(request.getRequestURI());
    if (!path.matches()) {
      return true;
    }
    boolean arrived = request.getHeader(HOP) != null;
    if (arrived) {
      believe(request);
    }
    Optional<MigrationId> id = only(path.group(1));
    Optional<Owner> owner = id.flatMap(owners::elsewhere);
    if (owner.isEmpty() || id.isEmpty()) {
      return true;
    }
    boolean asks = request.getMethod().equals("GET") || request.getMethod().equals("HEAD");
    if (arrived) {
      return asks || refuse(owner.get(), "a request is sent on once only");
    }
    return asks
        ? !passed(owner.get(), request, response)
        : !settled(id.get(), owner.get(), request, response);
  }

  /** Whoever knows our token has read it in the journal. */
  private void believe(HttpServletRequest request) {
    String token = request.getHeader(TOKEN);
    String actor = request.getHeader(ON_BEHALF);
    if (token != null && actor != null && owners.isToken(token)) {
      request.setAttribute(ACTOR, actor);
    }
  }

  /** None where the beginning of an id names no migration or several: the resource says so. */
  private Optional<MigrationId> only(String beginning) {
    List<MigrationId> ids = migrations.idsStartingWith(beginning, 2);
    return ids.stream().filter(id -> ids.size() == 1 || id.value().equals(beginning)).findFirst();
  }

  /** Until the owner has answered, or this replica has become the owner: then false. */
  private boolean settled(
      MigrationId id, Owner first, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Owner owner = first;
    for (Duration waited = Duration.ZERO;
        waited.compareTo(PATIENCE) < 0;
        waited = waited.plus(PAUSE)) {
      if (passed(owner, request, response)) {
        return true;
      }
      pause(owner);
      owners.hurry();
      Optional<Owner> now = owners.elsewhere(id);
      if (now.isEmpty()) {
        return false;
      }
      owner = now.get();
    }
    return refuse(
        owner, owner.lives() ? "its lease runs and it does not answer" : "nobody took over yet");
  }

  private static void pause(Owner owner) {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      refuse(owner, "the server stops");
    }
  }

  private static boolean refuse(Owner owner, String why) {
    throw Refused.because(
        ProblemCode.OWNER_ELSEWHERE,
        "replica "
            + owner.id()
            + (owner.url().isEmpty() ? "" : " at " + owner.url())
            + " drives it: "
            + why
            + "; nothing was changed here: ask again");
  }

  /** Whether the owner answered. */
  private boolean passed(Owner owner, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (owner.url().isEmpty()) {
      return false;
    }
    HttpResponse<byte[]> answer;
    try {
      answer = http.send(copy(owner, request), BodyHandlers.ofByteArray());
    } catch (IOException unreachable) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    response.setStatus(answer.statusCode());
    for (String name : RETURNED) {
      answer.headers().firstValue(name).ifPresent(value -> response.setHeader(name, value));
    }
    response.setHeader(ANSWERED_BY, owner.id());
    response.getOutputStream().write(answer.body());
    return true;
  }

  private HttpRequest copy(Owner owner, HttpServletRequest request) {
    String query = request.getQueryString();
    String address = request.getRequestURI() + (query == null ? "" : "?" + query);
    var copy =
        HttpRequest.newBuilder(URI.create(owner.url() + address))
            .timeout(ANSWER)
            .method(request.getMethod(), BodyPublishers.ofByteArray(Bodies.raw(request)))
            .header(HOP, owners.self())
            .header(TOKEN, owner.token())
            .header(ON_BEHALF, Actor.of(request));
    for (String name : CARRIED) {
      @Nullable String value = request.getHeader(name);
      if (value != null) {
        copy.header(name, value);
      }
    }
    return copy.build();
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
