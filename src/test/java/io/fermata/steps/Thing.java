package io.fermata.steps;

import io.fermata.device.Capabilities;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import org.jspecify.annotations.Nullable;

/** One device as it is. Its calls are served one after the other. */
final class Thing {
  final String host;
  final DeviceName name;
  final Capabilities offered;
  DeviceState state = DeviceState.RUNNING;
  @Nullable Long content;
  @Nullable Long image;
  long busyUntil;

  Thing(String host, DeviceName name, Capabilities offered) {
    this.host = host;
    this.name = name;
    this.offered = offered;
  }

  @Override
  public String toString() {
    return host + " " + name + " " + state + (content == null ? "" : " v" + content);
  }
}
