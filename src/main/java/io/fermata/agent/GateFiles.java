package io.fermata.agent;

import io.fermata.agent.device.GatedDevice;
import io.fermata.agent.device.PacedDevice;
import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Gates that somebody outside opens and shuts: a hop into a state hangs while a file of that
 * state's name is in the folder, a read of the image while {@code READ} is.
 *
 * @param device whose they are, for the log
 */
record GateFiles(DeviceName device, Path folder, PacedDevice.Pause pause)
    implements GatedDevice.Gates {
  private static final System.Logger LOG = System.getLogger(GateFiles.class.getName());
  private static final Duration GLANCE = Duration.ofMillis(50);
  private static final String READ = "READ";

  @Override
  public void awaitHop(DeviceState to) {
    await(to.name());
  }

  @Override
  public void awaitRead() {
    await(READ);
  }

  private void await(String gate) {
    Path shut = folder.resolve(gate);
    if (Files.exists(shut)) {
      LOG.log(System.Logger.Level.WARNING, "TRIAL: {0} hangs at {1}", device, gate);
      while (Files.exists(shut)) {
        pause.of(GLANCE);
      }
      LOG.log(System.Logger.Level.WARNING, "TRIAL: {0} goes on at {1}", device, gate);
    }
  }
}
