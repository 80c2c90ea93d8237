package io.fermata.migration;

import io.fermata.handover.HostName;
import io.fermata.handover.message.Remembered;
import java.util.List;
import java.util.function.Consumer;

/**
 * The way to what agents remember of migrations: never blocks, never throws, ends in exactly one
 * word or in none at all.
 */
public interface Memories {
  /** What came of a question. */
  sealed interface Word {
    /** Every claim that the agent remembers. */
    record Told(List<Remembered> claims) implements Word {
      public Told {
        claims = List.copyOf(claims);
      }
    }

    /** No answer, or none that can be used. */
    record Silent(String detail) implements Word {}
  }

  /** Asks one agent; the word may come on any thread. */
  void ask(HostName host, long timeoutMillis, Consumer<Word> then);
}
