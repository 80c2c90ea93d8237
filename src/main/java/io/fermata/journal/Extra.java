package io.fermata.journal;

/** What a change may hold beside entries, row, key and hosts. */
public sealed interface Extra {
  /** Appends to the audit chain; takes part in no version check. */
  record Audit(NewAudit record) implements Extra {}

  /**
   * Inserts a document, or replaces the version that the writer knows.
   *
   * @param expectedVersion the version that is replaced; 0 inserts
   */
  record Put(Document document, long expectedVersion) implements Extra {
    public Put {
      if (expectedVersion < 0 || document.version() != expectedVersion + 1) {
        throw new IllegalArgumentException(
            "document %s %s has version %d where %d follows"
                .formatted(
                    document.kind(), document.id(), document.version(), expectedVersion + 1));
      }
    }
  }

  /** Takes a document away, whatever its version. */
  record Delete(String kind, String id) implements Extra {}
}
