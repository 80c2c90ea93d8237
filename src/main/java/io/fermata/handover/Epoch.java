package io.fermata.handover;

/**
 * A term of ownership over one migration. Each take-over raises the number; the owner is the
 * orchestrator's incarnation, so that a restored journal that hands out a number twice is noticed.
 * Epochs keep order among orchestrators; safety does not rest on them.
 *
 * @param number from 1 upwards
 * @param owner the orchestrator process that holds this term
 */
public record Epoch(long number, String owner) {
  /** What nobody has promised yet. */
  public static final Epoch NONE = new Epoch(0, "");

  /** How a request's epoch stands to the highest one promised. */
  public enum Standing {
    /** The term that was promised. */
    CURRENT,
    /** A later term: promise it durably before answering. */
    NEWER,
    /** An earlier term: refuse. */
    STALE,
    /** The same number from another process: refuse and flag; a journal was restored. */
    RIVAL
  }

  /** How {@code other} stands to this promise; model: {@code Passes} in {@code handover.tla}. */
  public Standing of(Epoch other) {
    if (other.number > number) {
      return Standing.NEWER;
    }
    if (other.number < number) {
      return Standing.STALE;
    }
    return isOwnedLike(other) ? Standing.CURRENT : Standing.RIVAL;
  }

  private boolean isOwnedLike(Epoch other) {
    return other.owner.equals(owner);
  }

  @Override
  public String toString() {
    return number + "@" + owner;
  }
}
