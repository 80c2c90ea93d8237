package io.fermata.journal;

/** What a change does to one host of the inventory, under a version check. */
public sealed interface HostWrite {
  /** Name of the host. */
  String name();

  /** The version that the writer knows. */
  long expectedVersion();

  /**
   * Inserts the host, or replaces the version that the writer knows.
   *
   * @param expectedVersion the version that is replaced; 0 inserts
   */
  record Put(HostRow host, long expectedVersion) implements HostWrite {
    public Put {
      if (expectedVersion < 0 || host.version() != expectedVersion + 1) {
        throw new IllegalArgumentException(
            "host %s has version %d where %d follows"
                .formatted(host.name(), host.version(), expectedVersion + 1));
      }
    }

    @Override
    public String name() {
      return host.name();
    }
  }

  /** Takes the host out of the inventory. */
  record Delete(String name, long expectedVersion) implements HostWrite {}
}
