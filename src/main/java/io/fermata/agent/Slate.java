package io.fermata.agent;

import io.fermata.handover.Fact;
import java.util.List;

/**
 * The agent's durable facts, in the order in which they were recorded. One owner, one writer.
 *
 * <p>{@link #append} returns only when every fact is on disk, the directory entry included. A slate
 * whose end was torn by a power cut loses only what nobody was told; anything else that cannot be
 * read makes the whole slate unreadable, which means "sealed", never "fresh".
 */
public interface Slate extends AutoCloseable {

  /** Drawn at random when the slate was made; part of every stop number. */
  String incarnation();

  /** The facts found at start, oldest first. */
  List<Fact> facts();

  /**
   * Writes and syncs the facts, all or none visible after a crash in between being a prefix of
   * them.
   *
   * @throws SlateFault if they may not be on disk; the agent must then stop and start again from
   *     the disk
   */
  void append(List<Fact> facts);

  @Override
  void close();
}
