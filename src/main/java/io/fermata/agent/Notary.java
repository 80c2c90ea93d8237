package io.fermata.agent;

import io.fermata.agent.KnownClaims.Terms;
import io.fermata.handover.Attestation;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Receipt;
import io.fermata.handover.Side;
import io.fermata.handover.Testimony;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Request;
import io.fermata.wire.attest.Attestor;
import io.fermata.wire.attest.Unproven;
import io.fermata.wire.attest.Unproven.Reason;
import io.fermata.wire.tls.Identity;
import io.fermata.wire.tls.ProcessIdentity;
import io.fermata.wire.tls.ProcessIdentity.Credentials;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The agent's edge for receipts: its own leave with its signature, those of others come in only
 * with their author's, who must be the peer of the claim, for the same set. What goes on to the
 * loop has no signature any more, so the core's values are the same with keys and without.
 *
 * <p>Without a key of its own the agent neither signs nor asks for signatures.
 */
final class Notary {
  private static final int REMEMBERED = 10_000;

  private final ProcessIdentity identity;
  private final Attestor attestor;
  private final KnownClaims claims;
  private final Map<Receipt, Signed> signed = new ConcurrentHashMap<>();

  /** A signature and what it was made with: new files ask for a new one. */
  private record Signed(Credentials with, Attestation attestation) {}

  Notary(ProcessIdentity identity, KnownClaims claims) {
    this.identity = identity;
    this.attestor = new Attestor(identity);
    this.claims = claims;
  }

  /** The answer as it may leave. */
  Answer sign(Answer answer) {
    ClaimReport report = answer.report();
    return report == null || !attestor.signs()
        ? answer
        : new Answer(
            answer.refusal(),
            sign(report),
            answer.agent(),
            answer.receivedNanos(),
            answer.answeredNanos());
  }

  /** The report as it may leave. */
  ClaimReport sign(ClaimReport r) {
    return !attestor.signs()
        ? r
        : new ClaimReport(
            r.migration(),
            r.side(),
            r.sequence(),
            r.promised(),
            r.standing(),
            r.goal(),
            r.progress(),
            r.guest(),
            r.stop(),
            r.receipts().stream().map(this::sign).toList(),
            r.devices(),
            r.hops(),
            r.hopsTotal(),
            r.guestTimes());
  }

  /** The message as it may leave. */
  PeerMessage sign(PeerMessage message) {
    return message instanceof PeerMessage.Settle(MigrationId migration, Receipt receipt)
        ? new PeerMessage.Settle(migration, sign(receipt))
        : message;
  }

  /** The word as it may leave. */
  PeerMessage.Word sign(PeerMessage.Word word) {
    Receipt receipt = word.receipt();
    return receipt == null
        ? word
        : new PeerMessage.Word(word.migration(), sign(receipt), word.standing());
  }

  /** Only what this host is the author of; what it repeats of others has to come from them. */
  private Receipt sign(Receipt bare) {
    Optional<Credentials> credentials = identity.credentials();
    Optional<Terms> terms = claims.terms(bare.migration());
    if (credentials.isEmpty() || terms.isEmpty() || terms.get().side() != writer(bare)) {
      return bare;
    }
    Credentials with = credentials.get();
    Signed before = signed.get(bare);
    if (before != null && before.with().equals(with)) {
      return bare.attested(before.attestation());
    }
    Attestation attestation = attestor.sign(bare, terms.get().set(), with);
    if (signed.size() >= REMEMBERED) {
      signed.clear();
    }
    signed.put(bare, new Signed(with, attestation));
    return bare.attested(attestation);
  }

  /**
   * The request as it may go to the loop.
   *
   * @throws Unproven if a receipt in it is not by the claim's peer, for this claim
   */
  Request check(Request request) throws Unproven {
    MigrationId migration = request.header().migration();
    return switch (request) {
      case Request.Seal r -> new Request.Seal(r.header(), check(migration, r.ready()));
      case Request.Start r -> new Request.Start(r.header(), check(migration, r.seal()));
      case Request.Unseal r -> new Request.Unseal(r.header(), check(migration, r.voided()));
      case Request.Release r -> new Request.Release(r.header(), check(migration, r.started()));
      case Request.Reclaim r -> said(r, migration, Side.SOURCE, r.word());
      case Request.Surrender r -> said(r, migration, Side.SOURCE, r.word());
      case Request.Adopt r -> said(r, migration, Side.DESTINATION, r.word());
      default -> request;
    };
  }

  private Request said(Request request, MigrationId migration, Side keep, Testimony word)
      throws Unproven {
    if (attestor.signs()) {
      attestor.check(migration, keep, word);
    }
    return request;
  }

  /**
   * The message as it may go to the loop.
   *
   * @param sender who sends it; null where nobody proves who he is
   * @throws Unproven if it is not by the claim's peer, for this claim
   */
  PeerMessage check(PeerMessage message, @Nullable Identity sender) throws Unproven {
    if (attestor.signs()) {
      HostName peer = terms(message.migration()).peer();
      if (sender == null || !sender.isAgent(peer)) {
        throw new Unproven(Reason.REBOUND, message.migration() + " has its peer at " + peer);
      }
    }
    return message instanceof PeerMessage.Settle(MigrationId migration, Receipt receipt)
        ? new PeerMessage.Settle(migration, check(migration, receipt))
        : message;
  }

  /**
   * An answer of the peer as it may go to the loop.
   *
   * @throws Unproven if it is not by the claim's peer, for this claim
   */
  PeerMessage.Word check(PeerMessage.Word word, @Nullable Identity sender) throws Unproven {
    if (attestor.signs()) {
      HostName peer = terms(word.migration()).peer();
      if (sender == null || !sender.isAgent(peer)) {
        throw new Unproven(Reason.REBOUND, word.migration() + " has its peer at " + peer);
      }
    }
    Receipt receipt = word.receipt();
    return receipt == null
        ? word
        : new PeerMessage.Word(word.migration(), check(word.migration(), receipt), word.standing());
  }

  /** Whether there is a claim that a message could be about. */
  boolean knows(MigrationId migration) {
    return claims.terms(migration).isPresent();
  }

  @SuppressWarnings("unchecked") // the same kind of receipt, without its signature
  private <R extends Receipt> R check(MigrationId migration, R receipt) throws Unproven {
    R bare = (R) receipt.attested(null);
    if (!attestor.signs()) {
      return bare;
    }
    if (!receipt.migration().equals(migration)) {
      throw new Unproven(Reason.REBOUND, "the receipt is about " + receipt.migration());
    }
    Terms terms = terms(migration);
    Attestor.Author author = attestor.author(receipt);
    if (terms.side() == writer(bare) || !author.identity().isAgent(terms.peer())) {
      throw new Unproven(
          Reason.REBOUND, "signed by " + author.identity() + ", the peer is " + terms.peer());
    }
    if (writer(bare) == Side.DESTINATION && !bare.destination().equals(terms.peer())) {
      throw new Unproven(Reason.REBOUND, "the receipt is about " + bare.destination());
    }
    if (!author.set().equals(terms.set())) {
      throw new Unproven(Reason.REBOUND, "the receipt is about another set");
    }
    return bare;
  }

  private Terms terms(MigrationId migration) throws Unproven {
    return claims
        .terms(migration)
        .orElseThrow(() -> new Unproven(Reason.REBOUND, "there is no claim for " + migration));
  }

  private static Side writer(Receipt receipt) {
    return switch (receipt) {
      case Receipt.Sealed r -> Side.SOURCE;
      case Receipt.Reclaimed r -> Side.SOURCE;
      case Receipt.Ready r -> Side.DESTINATION;
      case Receipt.Started r -> Side.DESTINATION;
      case Receipt.Voided r -> Side.DESTINATION;
      case Receipt.Adopted r -> Side.DESTINATION;
    };
  }
}
