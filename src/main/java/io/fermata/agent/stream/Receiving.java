package io.fermata.agent.stream;

import io.fermata.agent.device.DeviceControl;
import io.fermata.agent.device.DeviceFault;
import io.fermata.agent.stream.Expectations.Admission;
import io.fermata.device.DeviceName;
import io.fermata.handover.Event;
import io.fermata.handover.ImageDigest;
import io.fermata.handover.Side;
import io.fermata.wire.frame.Frame;
import io.fermata.wire.frame.Frame.Refused;
import io.fermata.wire.frame.FrameDecoder;
import io.fermata.wire.frame.FrameFault;
import java.nio.ByteBuffer;
import java.util.Optional;

/** One connection of one device's image on its way in: one thread, one session of the device. */
final class Receiving {
  private static final System.Logger LOG = System.getLogger(Receiving.class.getName());

  /** After so many frames at the latest the source hears how much is taken. */
  static final int FRAMES_PER_WORD = 4;

  private final Means means;
  private final Admission.Taken taken;
  private final Expectation claim;
  private final Incoming image;
  private final DeviceControl device;
  private final Link link;
  private final String peer;
  private final Meter meter;
  private int unsaid;

  Receiving(Means means, Admission.Taken taken, Link link, String peer) {
    this.means = means;
    this.taken = taken;
    this.claim = taken.claim();
    this.image = taken.image();
    this.device = taken.lane().device();
    this.link = link;
    this.peer = peer;
    this.meter = new Meter(means, claim.voice(), claim.migration(), device.name());
  }

  /**
   * Until the image is whole or the stream is broken, and the loop has heard of either; or until
   * the connection is lost.
   */
  Optional<StreamFault> run() {
    if (!image.isAt(taken.attempt())) {
      return Optional.empty(); // a later connection has come while this one waited for the lane
    }
    try (FrameDecoder decoder =
        new FrameDecoder(means.settings().frameBytes(), means.buffers().arriving())) {
      int most = means.settings().frameBytes();
      link.send(new Frame.Welcome(Frame.VERSION, most, image.sum().bytes()));
      close(takeAll(decoder));
    } catch (FrameFault e) {
      refuse(new Refused(Refused.Code.FRAME, String.valueOf(e.getMessage())));
    } catch (DeviceFault e) {
      refuse(new Refused(Refused.Code.WRITE, String.valueOf(e.getMessage())));
    } catch (StreamFault e) {
      if (e.isOfTheConnection()) {
        return Optional.of(e);
      }
      broke(String.valueOf(e.getMessage())); // there is nobody left to be told
    } catch (RuntimeException e) { // the thread's outermost edge: nobody else would hear of it
      LOG.log(System.Logger.Level.ERROR, "a stream in ended by a mistake in the program", e);
      broke(e.toString());
    }
    return Optional.empty();
  }

  /** The connection is lost: another one may go on, but only for so long. */
  void awaitAnother(StreamFault lost) {
    long millis = means.settings().resumeMillis();
    link.close();
    if (!image.awaitLaterThan(taken.attempt(), millis)) {
      broke("%s, and it did not come back within %d ms".formatted(lost.getMessage(), millis));
    }
  }

  /** The device is not free, so nothing was taken; a stream that has begun may come again. */
  void turnAway() {
    Refused busy =
        new Refused(
            Refused.Code.BUSY, "an earlier stream still sits in a call of " + device.name());
    if (taken.attempt() == 0) {
      refuse(busy);
    } else {
      answer(busy);
    }
  }

  private Frame.End takeAll(FrameDecoder decoder) {
    while (true) {
      switch (link.receive(decoder)) {
        case Frame.Data data -> write(data);
        case Frame.Beat beat -> {
          meter.at(image.sum().bytes(), () -> Meter.Rest.UNKNOWN);
          tell(true);
        }
        case Frame.End end -> {
          return end;
        }
        case Frame.Abort abort ->
            throw new StreamFault(
                StreamFault.Code.GIVEN_UP, "the source gave up: " + abort.detail());
        case Frame.Hello f -> throw outOfTurn(f);
        case Frame.Welcome f -> throw outOfTurn(f);
        case Frame.Taken f -> throw outOfTurn(f);
        case Frame.Done f -> throw outOfTurn(f);
        case Frame.Refused f -> throw outOfTurn(f);
      }
    }
  }

  private void write(Frame.Data data) {
    ByteBuffer payload = data.payload();
    try {
      // As late as can be: after a drop the device may already be on its way to another claim.
      if (claim.voice().isSilent()) {
        throw new StreamFault(StreamFault.Code.DROPPED, "the stream was dropped");
      }
      if (image.end() != null) {
        throw outOfTurn(data);
      }
      // Before the write, which moves the buffer. If it fails the image is given up, so nobody is
      // ever told a length that is not in the device.
      image.sum().add(payload, data.crc());
      if (payload.hasRemaining()) {
        device.write(payload);
      }
    } finally {
      means.buffers().arriving().give(payload);
    }
    meter.at(image.sum().bytes(), () -> Meter.Rest.UNKNOWN);
    unsaid++;
    if (unsaid == FRAMES_PER_WORD) {
      tell(false);
    }
  }

  private void tell(boolean asked) {
    unsaid = asked ? unsaid : 0;
    link.send(new Frame.Taken(image.sum().bytes(), asked));
  }

  /**
   * The loop hears of the image before the source does. Both orders are safe, since a seal needs
   * the word of both sides; this one lets the device load, the longest part of what follows, while
   * the answer is still on its way. Should the answer be lost, the source asks once more over
   * another connection; if it cannot, it walks back from a copy that nobody has been given the
   * right to run.
   */
  private void close(Frame.End end) {
    Frame.End before = image.end();
    if (before != null) {
      answer(
          before.equals(end)
              ? new Frame.Done()
              : new Refused(Refused.Code.RESUME, "the image was closed otherwise before"));
      return;
    }
    Optional<Refused> wrong = compare(end);
    if (wrong.isPresent()) {
      refuse(wrong.get());
      return;
    }
    image.whole(end);
    ImageDigest digest = new ImageDigest(device.name(), end.bytes(), end.sha256());
    claim.voice().say(new Event.Arrived(claim.migration(), end.stop(), digest));
    answer(new Frame.Done());
  }

  private Optional<Refused> compare(Frame.End end) {
    ImageSum sum = image.sum();
    if (end.bytes() != sum.bytes()) {
      return refused(
          Refused.Code.LENGTH, "%d bytes came, %d were sent".formatted(sum.bytes(), end.bytes()));
    }
    String sha256 = sum.sha256Hex();
    if (!end.sha256().equals(sha256)) {
      return refused(
          Refused.Code.DIGEST,
          "the SHA-256 of what came is %s, of what was sent %s".formatted(sha256, end.sha256()));
    }
    var secret = new Secret(claim.migration(), claim.spec(), Side.DESTINATION, device.name());
    return secret.proves(end.proof(), Sending.words(end.stop(), end.bytes(), end.sha256()))
        ? Optional.empty()
        : refused(Refused.Code.TOKEN, "who closed the image does not know this stream's secret");
  }

  private static Optional<Refused> refused(Refused.Code code, String detail) {
    return Optional.of(new Refused(code, detail));
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
    if (image.end() != null) {
      return; // the image is whole; what becomes of its connections is of no more weight here
    }
    image.over();
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
