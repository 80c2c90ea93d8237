package io.fermata.handover;

import io.fermata.handover.message.ClaimSpec;

/**
 * One line of an agent's slate. Only facts change what an agent may do, and nobody hears of one
 * before it is on disk. What is not here is forgotten by a restart.
 */
public sealed interface Fact {
  /** The claim that the fact belongs to. */
  MigrationId migration();

  /** The devices are taken for this migration. */
  record Claimed(MigrationId migration, Side side, ClaimSpec spec, Epoch epoch) implements Fact {}

  /** No request below this epoch is obeyed any more. */
  record Promised(MigrationId migration, Epoch epoch) implements Fact {}

  /** Source: a stop generation was handed out. */
  record Stopped(MigrationId migration, Stop stop) implements Fact {}

  /** Source: the right to run was given away. */
  record Sealed(MigrationId migration, Receipt.Sealed receipt) implements Fact {}

  /** Source: the right to run came back on this void receipt. */
  record Unsealed(MigrationId migration, Receipt.Voided receipt) implements Fact {}

  /** Source: the destination runs; the frozen state may be let go. */
  record Released(MigrationId migration, Receipt.Started receipt) implements Fact {}

  /** Source: the right to run came back on an operator's word. */
  record Reclaimed(MigrationId migration, Receipt.Reclaimed receipt) implements Fact {}

  /** Source: an operator gave the right to run away; it counts as sealed from here on. */
  record Yielded(MigrationId migration, Receipt.Adopted receipt) implements Fact {}

  /** Destination: it took the right to run on an operator's word. */
  record Adopted(MigrationId migration, Receipt.Adopted receipt) implements Fact {}

  /** Destination: on an operator's word it gave up for ever what it had started. */
  record Overruled(MigrationId migration, Stop stop, Testimony word) implements Fact {}

  /** Destination: it took the right to run. */
  record Started(MigrationId migration, Receipt.Sealed receipt) implements Fact {}

  /** Destination: it gave a stop up for ever. */
  record Voided(MigrationId migration, Stop stop) implements Fact {}

  /** Destination: it gave up a claim whose stop it never learned; nothing of it will ever start. */
  record Abandoned(MigrationId migration) implements Fact {}

  /** The claim is over; its devices are free. */
  record Closed(MigrationId migration) implements Fact {}
}
