package io.fermata.lab;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.fermata.agent.device.kernel.BoundFiles;
import io.fermata.agent.os.OsFault;
import io.fermata.agent.os.PacketSocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A process that opens and binds devices as a VMM does, and holds them until it is killed:
 *
 * <pre>
 *   StandInVmm send SOCKET SENT,... NAME=/dev/vfio/devices/vfioN...
 * </pre>
 *
 * Those that are named by SENT it sends to the agent, whenever that has made its socket. It resets
 * the device that the file {@code vmm.reset} in its folder names, and removes the file then.
 */
public final class StandInVmm {
  private static final int BYTES_MOST = 512;
  private static final Path WISH = Path.of("vmm.reset");

  private StandInVmm() {}

  /** See above. */
  public static void main(String[] arguments) throws InterruptedException {
    Path socket = Path.of(arguments[1]);
    List<String> sent = List.of(arguments[2].split(","));
    List<String> words = List.of(arguments).subList(3, arguments.length);
    List<String> names = words.stream().map(word -> word.replaceFirst("=.*", "")).toList();
    BoundFiles files =
        BoundFiles.open(words.stream().map(word -> word.replaceFirst(".*=", "")).toList());
    System.out.println("holding " + String.join(" ", names));
    String known = "";
    while (true) {
      String now = made(socket);
      if (!now.isEmpty() && !now.equals(known)) {
        for (String name : sent) {
          int place = names.indexOf(name);
          exchange(socket, "take " + name, files.devices().get(place), files.iommu());
        }
        known = now;
      }
      resetOnRequest(names, files);
      Thread.sleep(200);
    }
  }

  /** Another for each agent's socket; empty when there is none. */
  private static String made(Path socket) {
    try {
      return Files.getAttribute(socket, "unix:ctime")
          + ","
          + Files.getAttribute(socket, "unix:ino");
    } catch (IOException none) {
      return "";
    }
  }

  private static void resetOnRequest(List<String> names, BoundFiles files) {
    try {
      if (Files.exists(WISH)) {
        files.reset(names.indexOf(Files.readString(WISH)));
        Files.delete(WISH);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Until the agent is there and does it: a VMM may be earlier. */
  private static void exchange(Path socket, String request, int... descriptors)
      throws InterruptedException {
    while (!done(socket, request, descriptors)) {
      Thread.sleep(500);
    }
  }

  private static boolean done(Path path, String request, int... descriptors) {
    try (PacketSocket socket = PacketSocket.connect(path.toString())) {
      socket.send(("fermata-hold 1 " + request).getBytes(US_ASCII), descriptors);
      String answer =
          socket
              .receive(BYTES_MOST, 2)
              .map(packet -> new String(packet.bytes(), US_ASCII))
              .orElse("nothing");
      System.out.println(request + ": " + answer);
      return answer.startsWith("fermata-hold 1 ok ");
    } catch (OsFault notYet) {
      System.out.println(request + ": " + notYet.getMessage());
      return false;
    }
  }
}
