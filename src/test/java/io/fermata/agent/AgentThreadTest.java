package io.fermata.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.Capabilities;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.handover.Claims;
import io.fermata.handover.Event;
import io.fermata.handover.Fact;
import io.fermata.handover.Ticket;
import io.fermata.handover.Timings;
import io.fermata.handover.message.Request;
import io.fermata.wire.Samples;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AgentThreadTest {
  private static final Timings TIMINGS = new Timings(1, 1, 1, 1, 1);
  private static final long TICK_NANOS = 5_000_000;

  private final Mailbox mailbox = new Mailbox(2);
  private final BlockingQueue<Integer> endings = new LinkedBlockingQueue<>();
  private final WaitingReplies replies = new WaitingReplies(System::nanoTime);
  private final Claims claims =
      new Claims(
          Samples.HERE,
          "i",
          Map.of(
              new DeviceName("gpu0"),
              new Claims.Holding(Capabilities.ofFlags(7), Samples.SPEC.vm())));

  @Test
  void aSlateThatCannotBeWrittenEndsTheProcessAndNobodyIsAnswered() throws Exception {
    try (var thread = thread(new BrokenSlate())) {
      thread.start();
      var waiting = replies.forAnswer();
      mailbox.post(
          new Event.Asked(new Request.ClaimSource(Samples.HEADER, Samples.SPEC), waiting.ticket()));
      assertEquals(AgentThread.EXIT_SLATE, endings.poll(5, TimeUnit.SECONDS));
      assertFalse(waiting.reply().isDone(), "the claim is not on disk");
    }
  }

  @Test
  void whatMustNeverHappenEndsTheProcessToo() throws Exception {
    try (var thread = thread(new MemorySlate())) {
      thread.start();
      var claim = new Request.ClaimSource(Samples.HEADER, Samples.SPEC);
      mailbox.post(new Event.Asked(claim, new Ticket(1, 1)));
      mailbox.post(new Event.Looked(Samples.MIGRATION, new DeviceName("x"), DeviceState.STOP));
      assertEquals(AgentThread.EXIT_BROKEN, endings.poll(5, TimeUnit.SECONDS));
    }
  }

  @Test
  void aStopInTheMiddleOfASyncLetsItEnd() throws Exception {
    var syncing = new CountDownLatch(1);
    var interrupted = new ArrayBlockingQueue<Boolean>(1);
    var slate =
        new MemorySlate() {
          @Override
          public void append(List<Fact> facts) {
            syncing.countDown();
            try {
              Thread.sleep(50); // long enough for a stop to come in between
              interrupted.add(false);
            } catch (InterruptedException e) {
              interrupted.add(true);
            }
          }
        };
    AgentThread thread = thread(slate);
    thread.start();
    var claim = new Request.ClaimSource(Samples.HEADER, Samples.SPEC);
    mailbox.post(new Event.Asked(claim, new Ticket(1, 1)));
    assertTrue(syncing.await(5, TimeUnit.SECONDS));
    thread.close();
    assertEquals(false, interrupted.poll(5, TimeUnit.SECONDS));
    assertTrue(endings.isEmpty(), endings::toString);
  }

  @Test
  void aQuestionThatFailsFailsOnlyForTheOneWhoAsked() throws Exception {
    try (var thread = thread(new MemorySlate())) {
      thread.start();
      var bad =
          mailbox.ask(
              claims,
              known -> {
                throw new IllegalStateException("mine");
              });
      assertThrows(ExecutionException.class, () -> bad.get(5, TimeUnit.SECONDS));
      assertEquals(1, mailbox.ask(claims, known -> 1).get(5, TimeUnit.SECONDS));
    }
  }

  @Test
  void moreRequestsThanTheLimitAreTurnedAwayAndReportsAreNot() {
    var event = new Event.Asked(new Request.Renew(Samples.HEADER), new Ticket(1, 1));
    assertTrue(mailbox.offer(event));
    assertTrue(mailbox.offer(event));
    assertFalse(mailbox.offer(event));
    mailbox.post(event);
    assertFalse(mailbox.offer(event));
  }

  private AgentThread thread(Slate slate) {
    var world =
        new AgentWorld(
            System::nanoTime,
            new DeviceThreads(List.of(), System::nanoTime, mailbox::post),
            null,
            null,
            null,
            replies);
    var loop = new AgentLoop(claims, slate, world, "p", TIMINGS);
    return new AgentThread(loop, mailbox, TICK_NANOS, (status, why) -> endings.add(status));
  }

  private static final class BrokenSlate extends MemorySlate {
    @Override
    public void append(List<Fact> facts) {
      throw new SlateFault("no");
    }
  }

  private static class MemorySlate implements Slate {
    @Override
    public String incarnation() {
      return "i";
    }

    @Override
    public List<Fact> facts() {
      return List.of();
    }

    @Override
    public void append(List<Fact> facts) {}

    @Override
    public void close() {}
  }
}
