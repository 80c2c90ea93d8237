package io.fermata.chaos.process;

/**
 * A phase, and the hop that one slow device holds it open with, so that the fault strikes in the
 * middle of it.
 */
enum Hold {
  /** The destination's device does not get ready. */
  PREPARING(false, "RUNNING", "RUNNING_P2P"),
  /** The source's device does not begin to track. */
  PRECOPYING(true, "RUNNING", "PRE_COPY"),
  QUIESCING(true, "PRE_COPY", "PRE_COPY_P2P"),
  FREEZING(true, "PRE_COPY_P2P", "STOP_COPY"),
  /** The destination's device does not load. */
  COPYING(false, "RESUMING", "STOP"),
  /** Everything is loaded, and nobody has started: too short to be held, so it is just met. */
  SEALING(false, "", ""),
  RESUMING(false, "STOP", "RUNNING_P2P"),
  /** The source lets go of its copy. */
  CLEANING(true, "STOP_COPY", "STOP"),
  /** Another device has refused to freeze, and this one is slow on the way back. */
  ROLLING_BACK(true, "STOP", "RUNNING_P2P");

  static final String DEVICE = "gpu0";
  private static final String OTHER = "gpu1";
  private static final long HELD_MILLIS = 2_500;

  final boolean atSource;
  final String from;
  final String to;

  Hold(boolean atSource, String from, String to) {
    this.atSource = atSource;
    this.from = from;
    this.to = to;
  }

  /** Puts the slow hop in place. */
  void prepare(Cluster cluster, String source) {
    if (this == SEALING) {
      return;
    }
    String hang =
        """
        {"device":"%s","fault":{"kind":"HANG","from":"%s","to":"%s","occurrence":1,"errno":5,
         "after":0,"duration":"PT%d.%03dS"}}\
        """
            .formatted(DEVICE, from, to, HELD_MILLIS / 1_000, HELD_MILLIS % 1_000);
    cluster.inject(atSource ? source : Cluster.other(source), hang);
    if (this == ROLLING_BACK) {
      String refuse =
          """
          {"device":"%s","fault":{"kind":"REFUSED","from":"PRE_COPY_P2P","to":"STOP_COPY",
           "occurrence":1,"errno":5,"after":0}}\
          """
              .formatted(OTHER);
      cluster.inject(source, refuse);
    }
  }

  /** Whether the devices say that this phase is on. */
  boolean isOn(Judge judge, String source) {
    String host = Cluster.name(atSource ? source : Cluster.other(source));
    return this == SEALING
        ? judge.count(host, Cluster.VM, "STOP") == Cluster.DEVICES
        : judge.isMoving(host, DEVICE, from, to);
  }
}
