package io.fermata.agent.device.emulated;

import io.fermata.agent.device.emulated.DeviceEvent.Kind;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The devices of one virtual machine and the DMA between them. Every device that may issue DMA
 * sends to every other, at each tick and at each change of any device's state; so two devices that
 * are out of step for a microsecond are caught for certain and not by luck.
 *
 * <p>DMA that arrives at a frozen device is lost. That is counted here and nowhere else.
 */
final class PeerGroup {
  private final Pace pace;
  private final EventLog log;
  private final List<Peer> peers = new ArrayList<>();
  private Tally tally = new Tally(0, 0, 0);

  /** Losses that go on: told once, counted at every burst. */
  private Set<Loss> ongoing = new HashSet<>();

  private record Loss(DeviceName sender, DeviceName receiver) {}

  PeerGroup(Pace pace, EventLog log) {
    this.pace = pace;
    this.log = log;
  }

  synchronized void join(Peer peer) {
    peers.add(peer);
    peer.memory().live(peer.changes(), pace.nanoTime());
    tell(Kind.OPENED, peer, peer.state());
  }

  /** A hop begins. */
  synchronized void begin(Peer peer, DeviceState to) {
    peer.head(to);
    tell(Kind.BEGAN, peer, to);
    changed(peer);
  }

  /** A hop ends where it headed, or in ERROR. */
  synchronized void arrive(Peer peer, DeviceState at) {
    tell(Kind.MOVED, peer, at);
    peer.arrive(at);
    changed(peer);
  }

  /** A hop ends where it began. */
  synchronized void stay(Peer peer) {
    peer.stay();
    tell(Kind.STAYED, peer, peer.state());
    changed(peer);
  }

  /**
   * That guest's image comes in, if it still does: the session may have ended with a reset since
   * its bytes were written, and then the device is nobody's.
   */
  synchronized void expect(Peer peer, Identity whose, BooleanSupplier stillComes) {
    if (stillComes.getAsBoolean()) {
      peer.expect(whose);
    }
  }

  /** The device holds what came in. */
  synchronized void load(Peer peer, Contents image) {
    peer.memory().adopt(image);
    tell(Kind.LOADED, peer, peer.state());
  }

  /** The device holds nothing any more and runs. */
  synchronized void reset(Peer peer) {
    peer.memory().clear();
    peer.expect(Identity.BLANK);
    tell(Kind.RESET, peer, DeviceState.RUNNING);
    peer.arrive(DeviceState.RUNNING);
    changed(peer);
  }

  private void changed(Peer peer) {
    peer.memory().live(peer.changes(), pace.nanoTime());
    burst();
  }

  /** Every device that may issue DMA sends to every peer. */
  synchronized void burst() {
    long now = pace.nanoTime();
    Set<Loss> losses = new HashSet<>();
    List<Peer> senders = peers.stream().filter(Peer::issues).toList();
    for (Peer receiver : peers) {
      long arrived = 0;
      for (Peer sender : senders) {
        arrived += send(sender, receiver, losses) ? 1 : 0;
      }
      // A device also works for itself as long as it is not frozen, quiesced or not.
      if (receiver.changes()) {
        receiver.memory().change(arrived + 1, now);
      }
      tally = tally.plus(new Tally(arrived, 0, 0));
    }
    ongoing = losses;
  }

  private boolean send(Peer sender, Peer receiver, Set<Loss> losses) {
    if (sender == receiver || !Objects.equals(sender.guest(), receiver.guest())) {
      return false;
    }
    if (!receiver.isFrozen()) {
      return true;
    }
    tally = tally.plus(new Tally(0, 1, 0));
    Loss loss = new Loss(sender.name(), receiver.name());
    losses.add(loss);
    if (!ongoing.contains(loss)) {
      tell(Kind.LOST_DMA, receiver, receiver.state(), sender.name());
    }
    return false;
  }

  /**
   * A virtual CPU that was not paused writes to the device. A quiesced device then issues DMA all
   * the same; a frozen one changes: the kernel's text says that touching such a device voids what
   * its state promises.
   */
  synchronized void doorbell(Peer peer) {
    long now = pace.nanoTime();
    if (peer.memory().identity().isBlank()) {
      return;
    }
    if (peer.isFrozen()) {
      tally = tally.plus(new Tally(0, 0, 1));
      tell(Kind.CHANGED_FROZEN, peer, peer.state());
      peer.memory().change(1, now);
      return;
    }
    Set<Loss> losses = new HashSet<>(ongoing);
    peers.forEach(receiver -> send(peer, receiver, losses));
    peer.memory().change(1, now);
  }

  synchronized Tally tally() {
    return tally;
  }

  private void tell(Kind kind, Peer peer, DeviceState to) {
    tell(kind, peer, to, null);
  }

  private void tell(Kind kind, Peer peer, DeviceState to, @Nullable DeviceName sender) {
    log.add(
        new DeviceEvent(
            pace.nanoTime(),
            kind,
            peer.name(),
            peer.state(),
            to,
            sender,
            peer.guest(),
            peer.memory().counter()));
  }
}
