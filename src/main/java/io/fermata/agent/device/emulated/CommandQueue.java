package io.fermata.agent.device.emulated;

import java.util.concurrent.Semaphore;

/** The command queue of a physical function: its devices' hops wait for each other in it. */
final class CommandQueue {
  private final Semaphore places;

  CommandQueue(int depth) {
    this.places = new Semaphore(depth, true);
  }

  /** Runs the command when one of the places is free. */
  void run(Runnable command) {
    places.acquireUninterruptibly();
    try {
      command.run();
    } finally {
      places.release();
    }
  }
}
