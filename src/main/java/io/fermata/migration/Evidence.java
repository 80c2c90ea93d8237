package io.fermata.migration;

import io.fermata.handover.Receipt;
import org.jspecify.annotations.Nullable;

/** The receipts that the orchestrator holds: what it may act on, and what its outcome rests on. */
public record Evidence(
    Receipt.@Nullable Ready ready,
    Receipt.@Nullable Sealed seal,
    Receipt.@Nullable Started started,
    Receipt.@Nullable Voided voided) {
  /** Nothing is held. */
  public static final Evidence NONE = new Evidence(null, null, null, null);

  /** The same with this receipt in its place. */
  public Evidence with(Receipt receipt) {
    return switch (receipt) {
      case Receipt.Ready r -> new Evidence(r, seal, started, voided);
      case Receipt.Sealed r -> new Evidence(ready, r, started, voided);
      case Receipt.Started r -> new Evidence(ready, seal, r, voided);
      case Receipt.Voided r -> new Evidence(ready, seal, started, r);
      case Receipt.Reclaimed r -> this; // rests on an operator's word, which is kept by itself
      case Receipt.Adopted r -> this;
    };
  }
}
