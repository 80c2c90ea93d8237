package io.fermata.wire;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import io.fermata.device.Goal;
import io.fermata.device.Hop;
import io.fermata.handover.Epoch;
import io.fermata.handover.Fact;
import io.fermata.handover.HostName;
import io.fermata.handover.ImageDigest;
import io.fermata.handover.MigrationId;
import io.fermata.handover.Receipt;
import io.fermata.handover.Side;
import io.fermata.handover.Stop;
import io.fermata.handover.Testimony;
import io.fermata.handover.message.Answer;
import io.fermata.handover.message.ClaimReport;
import io.fermata.handover.message.ClaimSpec;
import io.fermata.handover.message.Header;
import io.fermata.handover.message.HopReport;
import io.fermata.handover.message.PeerMessage;
import io.fermata.handover.message.Refusal;
import io.fermata.handover.message.Request;
import java.util.List;

/** One of each message, all about the same migration. */
public final class Samples {
  public static final MigrationId MIGRATION = new MigrationId("m0001");
  public static final HostName HERE = new HostName("host-a");
  public static final HostName THERE = new HostName("host-b");
  public static final Stop STOP = new Stop("abcdef", 7);
  public static final Epoch EPOCH = new Epoch(3, "orchestrator-1");
  public static final Header HEADER = new Header(MIGRATION, EPOCH, 250, 4);
  public static final ImageDigest IMAGE =
      new ImageDigest(new DeviceName("gpu0"), 4096, "00ff".repeat(16));
  public static final ClaimSpec SPEC =
      new ClaimSpec(
          "vm-1",
          List.of(new ClaimSpec.DevicePair(new DeviceName("gpu0"), new DeviceName("gpu0"))),
          HERE,
          THERE,
          "http://127.0.0.1:8091",
          "127.0.0.1:9091",
          "secret",
          30_000);
  public static final Receipt.Ready READY =
      new Receipt.Ready(MIGRATION, STOP, THERE, List.of(IMAGE));
  public static final Receipt.Sealed SEALED =
      new Receipt.Sealed(MIGRATION, STOP, THERE, List.of(IMAGE));
  public static final Receipt.Started STARTED = new Receipt.Started(MIGRATION, STOP, THERE);
  public static final Receipt.Voided VOIDED = new Receipt.Voided(MIGRATION, STOP, THERE);

  public static final Testimony WORD = new Testimony("ops", "BMC-off-1842", "rack burnt", 9);
  public static final Receipt.Reclaimed RECLAIMED =
      new Receipt.Reclaimed(MIGRATION, STOP, THERE, WORD);
  public static final Receipt.Adopted ADOPTED = new Receipt.Adopted(MIGRATION, STOP, THERE, WORD);

  private Samples() {}

  public static List<Request> requests() {
    return List.of(
        new Request.ClaimSource(HEADER, SPEC),
        new Request.ClaimDestination(HEADER, SPEC),
        new Request.PreCopy(HEADER),
        new Request.Quiesce(HEADER),
        new Request.Quiesce(HEADER, true),
        new Request.Freeze(HEADER, STOP),
        new Request.Copy(HEADER, STOP),
        new Request.Load(HEADER),
        new Request.Seal(HEADER, READY),
        new Request.Start(HEADER, SEALED),
        new Request.VoidCopy(HEADER, STOP),
        new Request.VoidCopy(HEADER, null),
        new Request.Unseal(HEADER, VOIDED),
        new Request.Reclaim(HEADER, STOP, THERE, WORD),
        new Request.Adopt(HEADER, STOP, WORD),
        new Request.Surrender(HEADER, STOP, WORD),
        new Request.Return(HEADER),
        new Request.Release(HEADER, STARTED),
        new Request.Close(HEADER),
        new Request.Renew(HEADER));
  }

  public static List<Fact> facts() {
    return List.of(
        new Fact.Claimed(MIGRATION, Side.SOURCE, SPEC, EPOCH),
        new Fact.Promised(MIGRATION, EPOCH),
        new Fact.Stopped(MIGRATION, STOP),
        new Fact.Sealed(MIGRATION, SEALED),
        new Fact.Unsealed(MIGRATION, VOIDED),
        new Fact.Released(MIGRATION, STARTED),
        new Fact.Reclaimed(MIGRATION, RECLAIMED),
        new Fact.Yielded(MIGRATION, ADOPTED),
        new Fact.Adopted(MIGRATION, ADOPTED),
        new Fact.Overruled(MIGRATION, STOP, WORD),
        new Fact.Started(MIGRATION, SEALED),
        new Fact.Voided(MIGRATION, STOP),
        new Fact.Abandoned(MIGRATION),
        new Fact.Closed(MIGRATION));
  }

  public static List<PeerMessage> peerMessages() {
    return List.of(
        new PeerMessage.Settle(MIGRATION, SEALED), new PeerMessage.Inquire(MIGRATION, STOP));
  }

  public static Answer answer() {
    var device = new DeviceName("gpu0");
    var hop = new Hop(DeviceState.RUNNING, DeviceState.RUNNING_P2P);
    var report =
        new ClaimReport(
            MIGRATION,
            Side.SOURCE,
            12,
            EPOCH,
            ClaimReport.Standing.OPEN,
            Goal.QUIESCED,
            ClaimReport.Progress.MOVING,
            ClaimReport.GuestState.PAUSED,
            STOP,
            List.of(READY, SEALED, STARTED, VOIDED, RECLAIMED, ADOPTED),
            List.of(
                new ClaimReport.DeviceReport(
                    device, DeviceState.RUNNING, hop.to(), 5, "late", 10, null, 1)),
            List.of(
                new HopReport(
                    device,
                    hop,
                    HopReport.Outcome.REFUSED,
                    DeviceState.RUNNING,
                    "EIO(5)",
                    Long.MAX_VALUE - 1,
                    Long.MAX_VALUE)),
            1);
    return new Answer(new Refusal(Refusal.Code.SEALED, "no"), report, "p1", 1, 2);
  }
}
