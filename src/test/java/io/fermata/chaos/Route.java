package io.fermata.chaos;

/** From which host to which, and whether devices are copied while the guest runs. */
record Route(String from, String to, boolean live) {
  String words() {
    return from + " " + to + " " + (live ? "live" : "direct");
  }

  @Override
  public String toString() {
    return from.substring(5) + "->" + to.substring(5) + (live ? " live" : "");
  }
}
