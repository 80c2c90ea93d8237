package io.fermata.drain;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What stands in the way, and what to do about it.
 *
 * @param vm the machine, or null where the whole host is concerned
 * @param device the device on the drained host, or null
 * @param detail the same for a person
 * @param next the command to run next
 * @param since when it was first seen, epoch milliseconds
 */
public record Blocker(
    Code code,
    @Nullable String vm,
    @Nullable String device,
    String detail,
    String next,
    long since) {

  /** What it is, for programs. A name that was published here keeps its meaning for ever. */
  public enum Code {
    /** The driver of a device offers no migration, or cannot wait quietly for its peers. */
    DEVICE_CANNOT_MIGRATE,
    /** A device is not in RUNNING, so the set cannot leave. */
    DEVICE_NOT_RUNNING,
    /** No host that may take the machine has its devices free. */
    NO_DESTINATION,
    /** A migration that is not the drain's own has the machine, or comes to the host. */
    OTHER_MIGRATION,
    /** The drain's migration is parked until an operator decides. */
    NEEDS_OPERATOR,
    /** As many migrations of the machine failed as are tried. */
    ATTEMPTS_FAILED,
    /** Somebody aborted the drain's migration of it. */
    CHILD_ABORTED,
    /** An operator lets nothing start. */
    ADMISSION_PAUSED,
    /** The host's agent does not answer. */
    AGENT_SILENT,
    /** The host's agent answers, and cannot read what it promised. */
    AGENT_QUIET,
    /** An operator said that the host's agent is not to be trusted. */
    AGENT_QUARANTINED,
    /** New migrations may still come to the host. */
    NOT_CORDONED,
    /** A device belongs to a machine. */
    VM_OWNED,
    /** A device belongs to a machine that the drain leaves where it is. */
    VM_EXCLUDED,
    /** A migration holds devices of the host. */
    CLAIMED,
    /** A migration that is not over has the host as its source or destination. */
    MIGRATION_OPEN,
    /** What a device does is not known. */
    DEVICE_UNKNOWN
  }

  /** Whether that is the same thing in the way, whatever is said of it. */
  boolean same(@Nullable Blocker other) {
    return other != null
        && code == other.code
        && Objects.equals(vm, other.vm)
        && Objects.equals(device, other.device);
  }

  /** The same, seen for the first time when that one was, if it is the same. */
  Blocker since(@Nullable Blocker before) {
    return same(before) && before != null
        ? new Blocker(code, vm, device, detail, next, before.since)
        : this;
  }
}
