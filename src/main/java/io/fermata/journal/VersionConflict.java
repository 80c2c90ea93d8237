package io.fermata.journal;

/** A refused change: the row or host is not at the version that the writer knew. A lost race. */
public final class VersionConflict extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String id;
  private final long expected;
  private final long found;

  /**
   * @param expected the version that the writer knew, 0 for none
   * @param found the version that is there, 0 for none
   */
  public VersionConflict(String id, long expected, long found) {
    super(
        found == expected
            ? id + " is at version " + found + " and somebody else's"
            : id + " is at version " + found + ", not " + expected);
    this.id = id;
    this.expected = expected;
    this.found = found;
  }

  public String id() {
    return id;
  }

  public long expected() {
    return expected;
  }

  public long found() {
    return found;
  }
}
