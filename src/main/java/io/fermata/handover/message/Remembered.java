package io.fermata.handover.message;

import io.fermata.handover.Epoch;
import io.fermata.handover.HostName;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Side;
import io.fermata.handover.Stop;
import io.fermata.handover.message.ClaimReport.Standing;
import io.fermata.handover.message.ClaimSpec.DevicePair;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an agent remembers of one claim, open or closed: enough to tell whether a journal knows as
 * much as the agents do, and to drive on what it does not know. It holds no secret.
 *
 * @param promised no request below this epoch is obeyed any more
 * @param stop the stop that the claim is about, or null while none is known here
 * @param receipts the kinds of the receipts that hold now, such as {@code Sealed}
 */
public record Remembered(
    MigrationId migration,
    Side side,
    Epoch promised,
    Standing standing,
    String vm,
    List<DevicePair> devices,
    HostName self,
    HostName peer,
    @Nullable Stop stop,
    List<String> receipts) {
  public Remembered {
    devices = List.copyOf(devices);
    receipts = List.copyOf(receipts);
  }

  /** Where the set was before this migration. */
  public HostName source() {
    return side == Side.SOURCE ? self : peer;
  }

  /** Where this migration takes the set. */
  public HostName destination() {
    return side == Side.SOURCE ? peer : self;
  }

  /** Whether the claim has seen a stop of the set: then the guest was dark. */
  public boolean sawAStop() {
    return stop != null || !receipts.isEmpty();
  }
}
