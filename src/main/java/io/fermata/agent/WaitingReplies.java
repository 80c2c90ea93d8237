package io.fermata.agent;

import io.fermata.handover.Ticket;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.PeerMessage;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The connections that wait for the loop's answer. */
final class WaitingReplies implements AgentPorts.Replies {
  private final Map<Long, CompletableFuture<Answer>> answers = new ConcurrentHashMap<>();
  private final Map<Long, CompletableFuture<PeerMessage.Word>> words = new ConcurrentHashMap<>();
  private final AtomicLong numbers = new AtomicLong();
  private final AgentPorts.Clock clock;

  WaitingReplies(AgentPorts.Clock clock) {
    this.clock = clock;
  }

  /** A ticket and what it will bring. */
  record Waiting<T>(Ticket ticket, CompletableFuture<T> reply) {}

  Waiting<Answer> forAnswer() {
    return open(answers);
  }

  Waiting<PeerMessage.Word> forWord() {
    return open(words);
  }

  private <T> Waiting<T> open(Map<Long, CompletableFuture<T>> waiting) {
    Ticket ticket = new Ticket(numbers.incrementAndGet(), clock.nanos());
    CompletableFuture<T> reply = new CompletableFuture<>();
    waiting.put(ticket.number(), reply);
    var _ = reply.whenComplete((value, thrown) -> waiting.remove(ticket.number()));
    return new Waiting<>(ticket, reply);
  }

  @Override
  public void reply(Ticket ticket, Answer answer) {
    complete(answers.get(ticket.number()), answer);
  }

  @Override
  public void reply(Ticket ticket, PeerMessage.Word word) {
    complete(words.get(ticket.number()), word);
  }

  /** Nobody waits any more when the connection gave up; the answer is then lost, not the work. */
  private static <T> void complete(@Nullable CompletableFuture<T> reply, T value) {
    if (reply != null) {
      reply.complete(value);
    }
  }
}
