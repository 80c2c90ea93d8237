package io.fermata.agent.device.emulated;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the devices of a host did, for judges that trust nobody's word: the newest in memory, all of
 * it in a file if one is given. Each line is one write, so that a killed process loses none.
 */
final class EventLog implements AutoCloseable {
  private final String host;
  private final int kept;
  private final Deque<DeviceEvent> newest = new ArrayDeque<>();
  private final @Nullable FileChannel file;

  EventLog(String host, int kept, @Nullable Path path) {
    this.host = host;
    this.kept = kept;
    this.file = path == null ? null : open(path);
  }

  private static FileChannel open(Path path) {
    try {
      return FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException("opening the event file " + path, e);
    }
  }

  synchronized void add(DeviceEvent event) {
    newest.addLast(event);
    if (newest.size() > kept) {
      newest.removeFirst();
    }
    FileChannel to = file;
    if (to != null && to.isOpen()) {
      append(to, event.line(host) + '\n');
    }
  }

  private static void append(FileChannel to, String line) {
    ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
    try {
      while (bytes.hasRemaining()) {
        to.write(bytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("appending to the event file", e);
    }
  }

  synchronized List<DeviceEvent> newest() {
    return List.copyOf(newest);
  }

  @Override
  public synchronized void close() {
    try {
      if (file != null) {
        file.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("closing the event file", e);
    }
  }
}
