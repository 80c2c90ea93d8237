package io.fermata.simulation;

/** Prints the trace hash of each seed that it is given: the same run in a JVM of its own. */
final class TraceHash {
  private TraceHash() {}

  public static void main(String[] seeds) {
    for (String seed : seeds) {
      System.out.println("hash " + seed + " " + Simulation.run(Long.parseLong(seed)).hash());
    }
  }
}
