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

/** One device's image on its way in: one connection, one thread, one session of the device. */
final class Receiving {
  private static final System.Logger LOG = System.getLogger(Receiving.class.getName());

  private final Means means;
  private final Expectation claim;
  private final DeviceControl device;
  private final Link link;
  private final String peer;
  private final ImageSum sum = new ImageSum();
  private final Meter meter;

  Receiving(Means means, Admission.Taken taken, Link link, String peer) {
    this.means = means;
    this.claim = taken.claim();
    this.device = taken.lane().device();
    this.link = link;
    this.peer = peer;
    this.meter = new Meter(means, claim.voice(), claim.migration(), device.name());
  }

  /** Until the image is whole or the stream is broken; the loop has heard of either. */
  void run() {
    try (FrameDecoder decoder = new FrameDecoder(means.settings().frameBytes(), means.buffers())) {
      link.send(new Frame.Welcome(Frame.VERSION, means.settings().frameBytes()));
      close(takeAll(decoder));
    } catch (FrameFault e) {
      refuse(new Refused(Refused.Code.FRAME, String.valueOf(e.getMessage())));
    } catch (DeviceFault e) {
      refuse(new Refused(Refused.Code.WRITE, String.valueOf(e.getMessage())));
    } catch (StreamFault e) {
      broke(String.valueOf(e.getMessage())); // there is nobody left to be told
    } catch (RuntimeException e) { // the thread's outermost edge: nobody else would hear of it
      LOG.log(System.Logger.Level.ERROR, "a stream in ended by a mistake in the program", e);
      broke(e.toString());
    }
  }

  /** The device is not free, so nothing of the stream was taken. */
  void turnAway() {
    refuse(
        new Refused(
            Refused.Code.BUSY, "an earlier stream still sits in a call of " + device.name()));
  }

  private Frame.End takeAll(FrameDecoder decoder) {
    while (true) {
      switch (link.receive(decoder)) {
        case Frame.Data data -> write(data.payload());
        case Frame.Beat beat -> meter.at(sum.bytes(), () -> Meter.Rest.UNKNOWN);
        case Frame.End end -> {
          return end;
        }
        case Frame.Abort abort ->
            throw new StreamFault(
                StreamFault.Code.GIVEN_UP, "the source gave up: " + abort.detail());
        case Frame.Hello f -> throw outOfTurn(f);
        case Frame.Welcome f -> throw outOfTurn(f);
        case Frame.Done f -> throw outOfTurn(f);
        case Frame.Refused f -> throw outOfTurn(f);
      }
    }
  }

  private void write(ByteBuffer payload) {
    try {
      sum.add(payload);
      // As late as can be: after a drop the device may already be on its way to another claim.
      if (claim.voice().isSilent()) {
        throw new StreamFault(StreamFault.Code.ENDED, "the stream was dropped");
      }
      if (payload.hasRemaining()) {
        device.write(payload);
      }
    } finally {
      means.buffers().give(payload);
    }
    meter.at(sum.bytes(), () -> Meter.Rest.UNKNOWN);
  }

  /**
   * The loop hears of the image before the source does. Both orders are safe, since a seal needs
   * the word of both sides; this one lets the device load, the longest part of what follows, while
   * the answer is still on its way. Should the answer be lost, the source walks back from a copy
   * that nobody has been given the right to run.
   */
  private void close(Frame.End end) {
    Optional<Refused> wrong = compare(end, sum.sha256Hex());
    if (wrong.isPresent()) {
      refuse(wrong.get());
      return;
    }
    ImageDigest image = new ImageDigest(device.name(), end.bytes(), end.sha256());
    claim.voice().say(new Event.Arrived(claim.migration(), end.stop(), image));
    answer(new Frame.Done());
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
