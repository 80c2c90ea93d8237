package io.fermata.agent.stream;

import io.fermata.agent.device.DeviceControl;
import io.fermata.agent.device.DeviceFault;
import io.fermata.agent.stream.Expectations.Admission;
import io.fermata.device.DeviceName;
import io.fermata.handover.Event;
import io.fermata.handover.ImageDigest;
import io.fermata.wire.frame.Frame;
import io.fermata.wire.frame.Frame.Refused;
import io.fermata.wire.frame.FrameDecoder;
import io.fermata.wire.frame.FrameFault;
import java.nio.ByteBuffer;
import java.util.Optional;

/** One connection of one device's image on its way in: one thread, one session of the device. */
final class Receiving {
  private static final System.Logger LOG = System.getLogger(Receiving.class.getName());

  /** After so many frames the source hears how much is in the device. */
  static final int FRAMES_PER_WORD = 2;

  private final Means means;
  private final Expectation claim;
  private final DeviceControl device;
  private final Link link;
  private final String peer;
  private final Incoming image;
  private final int attempt;
  private final ImageSum sum;
  private final Meter meter;
  private final Unpacking unpacking;
  private int frames;

  Receiving(Means means, Admission.Taken taken, Link link, String peer) {
    this.means = means;
    this.claim = taken.claim();
    this.device = taken.lane().device();
    this.link = link;
    this.peer = peer;
    this.image = taken.image();
    this.attempt = taken.attempt();
    this.sum = image.sum();
    this.meter = new Meter(means, claim.voice(), claim.migration(), device.name());
    this.unpacking = new Unpacking(taken.lane());
  }

  /**
   * Until the image is whole or the stream is broken; the loop has heard of either. Or until the
   * connection is, and the stream may go on over another one: then the answer is why.
   */
  Optional<StreamFault> run() {
    int most = means.settings().frameBytes();
    try (unpacking;
        FrameDecoder decoder = new FrameDecoder(most, means.buffers(), image.packings())) {
      begin();
      close(takeAll(decoder));
    } catch (FrameFault e) {
      refuse(new Refused(Refused.Code.FRAME, String.valueOf(e.getMessage())));
    } catch (DeviceFault e) {
      refuse(new Refused(Refused.Code.WRITE, String.valueOf(e.getMessage())));
    } catch (StreamFault e) {
      if (e.isOfTheConnection() && image.mayComeBack()) {
        return Optional.of(e);
      }
      broke(String.valueOf(e.getMessage())); // there is nobody left to be told
    } catch (RuntimeException e) { // the thread's outermost edge: nobody else would hear of it
      LOG.log(System.Logger.Level.ERROR, "a stream in ended by a mistake in the program", e);
      broke(e.toString());
    }
    return Optional.empty();
  }

  /** How far the image is can be said only now: until the lane was free an earlier one wrote. */
  private void begin() {
    if (!image.isAt(attempt)) {
      throw new StreamFault(StreamFault.Code.ENDED, "another connection has come meanwhile");
    }
    link.send(
        attempt == 0 ? image.welcome(means.settings().frameBytes()) : new Frame.Taken(sum.bytes()));
  }

  /**
   * The device is not free, so nothing of this connection was taken. A stream that has begun may
   * come again, and then the answer is why it has to.
   */
  Optional<StreamFault> turnAway() {
    Refused busy =
        new Refused(
            Refused.Code.BUSY, "an earlier stream still sits in a call of " + device.name());
    if (attempt == 0) {
      refuse(busy);
      return Optional.empty();
    }
    answer(busy);
    return Optional.of(new StreamFault(StreamFault.Code.BUSY, busy.toString()));
  }

  /** The connection is gone; the stream is over if no other one comes in time. */
  void awaitAnother(StreamFault fault) {
    // The source may see much later than this end that the connection is no more.
    long millis = means.settings().resuming().millis() + means.settings().idleMillis();
    if (!image.awaitLaterThan(attempt, millis)) {
      broke(fault.getMessage() + "; nobody came back within " + millis + " ms");
    }
  }

  private Frame.End takeAll(FrameDecoder decoder) {
    while (true) {
      switch (link.receive(decoder)) {
        case Frame.Data data -> take(data);
        case Frame.Packed packed -> take(packed);
        case Frame.Beat beat -> meter.at(sum.bytes(), () -> Meter.Rest.UNKNOWN);
        case Frame.End end -> {
          return end;
        }
        case Frame.Abort abort ->
            throw new StreamFault(
                StreamFault.Code.GIVEN_UP, "the source gave up: " + abort.detail());
        case Frame.Hello f -> throw outOfTurn(f);
        case Frame.Resume f -> throw outOfTurn(f);
        case Frame.Taken f -> throw outOfTurn(f);
        case Frame.Welcome f -> throw outOfTurn(f);
        case Frame.Done f -> throw outOfTurn(f);
        case Frame.Refused f -> throw outOfTurn(f);
      }
    }
  }

  private void take(Frame.Data data) {
    try {
      write(data.payload());
    } finally {
      means.buffers().give(data.payload());
    }
  }

  private void take(Frame.Packed packed) {
    ByteBuffer piece;
    try {
      piece = unpacking.unpack(packed);
    } finally {
      means.buffers().give(packed.body());
    }
    write(piece);
  }

  private void write(ByteBuffer piece) {
    if (image.end() != null) {
      throw new StreamFault(StreamFault.Code.OUT_OF_TURN, "more came after the end");
    }
    sum.add(piece);
    // As late as can be: after a drop the device may already be on its way to another claim.
    if (claim.voice().isSilent()) {
      throw new StreamFault(StreamFault.Code.DROPPED, "the stream was dropped");
    }
    if (piece.hasRemaining()) {
      device.write(piece);
    }
    meter.at(sum.bytes(), () -> Meter.Rest.UNKNOWN);
    frames++;
    if (image.mayComeBack() && frames % FRAMES_PER_WORD == 0) {
      link.send(new Frame.Taken(sum.bytes())); // after the write: the source forgets those bytes
    }
  }

  /**
   * The loop hears of the image before the source does. Both orders are safe, since a seal needs
   * the word of both sides; this one lets the device load, the longest part of what follows, while
   * the answer is still on its way. Should the answer be lost, the source walks back from a copy
   * that nobody has been given the right to run; or it comes back and asks again.
   */
  private void close(Frame.End end) {
    Frame.End before = image.end();
    if (before != null) {
      answer(before.equals(end) ? new Frame.Done() : otherEnd(before, end));
      return;
    }
    Optional<Refused> wrong = compare(end, sum.sha256Hex());
    if (wrong.isPresent()) {
      refuse(wrong.get());
      return;
    }
    image.whole(end);
    ImageDigest digest = new ImageDigest(device.name(), end.bytes(), end.sha256());
    claim.voice().say(new Event.Arrived(claim.migration(), end.stop(), digest));
    answer(new Frame.Done());
  }

  private static Refused otherEnd(Frame.End before, Frame.End end) {
    return new Refused(
        Refused.Code.RESUME, "the image ended as %s, and not as %s".formatted(before, end));
  }

  private Optional<Refused> compare(Frame.End end, String sha256) {
    if (end.bytes() != sum.bytes()) {
      return Optional.of(
          new Refused(
              Refused.Code.LENGTH,
              "%d bytes came, %d were sent".formatted(sum.bytes(), end.bytes())));
    }
    return end.sha256().equals(sha256)
        ? Optional.empty()
        : Optional.of(
            new Refused(
                Refused.Code.DIGEST,
                "the SHA-256 of what came is %s, of what was sent %s"
                    .formatted(sha256, end.sha256())));
  }

  private void refuse(Refused refused) {
    broke(refused.toString());
    answer(refused);
  }

  private void answer(Frame frame) {
    try {
      link.send(frame);
    } catch (StreamFault e) {
      LOG.log(System.Logger.Level.DEBUG, "the source did not hear the answer: {0}", e.getMessage());
    }
  }

  private void broke(String detail) {
    image.over(); // before anybody hears of it: nothing more of it is taken
    DeviceName name = device.name();
    claim
        .voice()
        .say(
            new Event.Broke(
                claim.migration(), name, "%s from %s: %s".formatted(name, peer, detail)));
  }

  private static StreamFault outOfTurn(Frame frame) {
    return new StreamFault(StreamFault.Code.OUT_OF_TURN, "the source said " + frame);
  }
}
