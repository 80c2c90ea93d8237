package io.fermata.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fermata.device.DeviceName;
import io.fermata.device.DeviceState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A call hangs for as long as its gate is shut, and no other does. */
class GateFilesTest {
  @TempDir Path folder;

  private final Deque<Path> toBeOpened = new ArrayDeque<>();
  private int glances;

  private GateFiles gates() {
    return new GateFiles(
        new DeviceName("d"),
        folder,
        time -> {
          if (++glances == 3) {
            open(toBeOpened.remove());
          }
        });
  }

  private static void open(Path gate) {
    try {
      Files.delete(gate);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aHopHangsUntilItsGateIsOpened() throws IOException {
    toBeOpened.add(Files.createFile(folder.resolve("STOP_COPY")));
    gates().awaitHop(DeviceState.STOP);
    gates().awaitRead();
    assertEquals(0, glances, "these are not shut");
    gates().awaitHop(DeviceState.STOP_COPY);
    assertEquals(3, glances);
  }

  @Test
  void aReadHasAGateOfItsOwn() throws IOException {
    toBeOpened.add(Files.createFile(folder.resolve("READ")));
    gates().awaitHop(DeviceState.STOP_COPY);
    assertEquals(0, glances);
    gates().awaitRead();
    assertEquals(3, glances);
  }
}
