package io.fermata.metrics;

import java.util.stream.DoubleStream;

/** The classic upper bounds of histograms, one set for each kind of thing that is measured. */
@SuppressWarnings("ImmutableEnumChecker") // the bounds are copied out and never written to
public enum Buckets {
  /** Blackouts of a guest and their parts, seconds. */
  BLACKOUT(
      .01, .025, .05, .1, .2, .3, .4, .5, .65, .8, 1, 1.25, 1.5, 2, 3, 5, 10, 20, 40, 80, 160, 320),
  /** Hops, gates and calls, seconds. */
  DEVICE(.0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 30),
  /** Phases and whole migrations, seconds. */
  PHASE(.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200),
  /** Device images, bytes: from 1 MiB in fours to 256 GiB. */
  BYTES(DoubleStream.iterate(1 << 20, bytes -> bytes * 4).limit(10).toArray()),
  /** What was over what was meant to be. */
  RATIO(.25, .5, .75, .9, 1, 1.1, 1.25, 1.5, 2, 3, 5),
  /** Waiting for the journal, seconds. */
  JOURNAL(.0005, .001, .002, .005, .01, .02, .05, .1, .25, .5, 1),
  /** Devices of a set. */
  SET(1, 2, 4, 8, 12, 16, 17, 24, 32, 64);

  private final double[] bounds;

  Buckets(double... bounds) {
    this.bounds = bounds;
  }

  double[] bounds() {
    return bounds.clone();
  }
}
