package io.fermata.migration;

import io.fermata.handover.HostName;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.Request;
import java.util.function.Consumer;

/**
 * The way to the agents, as the loop needs it: never blocks, never throws, ends in exactly one word
 * or in none at all.
 */
public interface Agents {
  /** What came of a request. */
  sealed interface Word {
    /** The agent answered. */
    record Answered(Answer answer) implements Word {}

    /**
     * No answer: refused connection, time-out, broken. The request may have been taken all the
     * same.
     */
    record Silent(String detail) implements Word {}
  }

  /** Sends the request; the word may come on any thread. */
  void ask(HostName host, Request request, long timeoutMillis, Consumer<Word> then);
}
