package io.fermata.lab;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.fermata.agent.device.kernel.BoundFiles;
import io.fermata.agent.os.OsFault;
import io.fermata.agent.os.PacketSocket;
import java.util.ArrayList;
import java.util.List;

/**
 * A process that holds devices as a VMM does, and stays until it is killed:
 *
 * <pre>
 *   StandInVmm hold NAME=/dev/vfio/devices/vfioN...           opens and binds them
 *   StandInVmm send SOCKET NAME=/dev/vfio/devices/vfioN...    the same, and sends them to the
 *                                                             agent, again and again
 *   StandInVmm ask SOCKET NAME...                             asks the agent for them
 * </pre>
 *
 * It prints {@code holding NAME...} when it has them all.
 */
public final class StandInVmm {
  private static final int BYTES_MOST = 512;

  private StandInVmm() {}

  /** See above. */
  public static void main(String[] arguments) throws InterruptedException {
    List<String> words = new ArrayList<>(List.of(arguments));
    String verb = words.removeFirst();
    String socket = verb.equals("hold") ? "" : words.removeFirst();
    List<String> names = words.stream().map(word -> word.replaceFirst("=.*", "")).toList();
    if (verb.equals("ask")) {
      for (String name : names) {
        exchange(socket, "give " + name);
      }
    } else {
      BoundFiles files =
          BoundFiles.open(words.stream().map(word -> word.replaceFirst(".*=", "")).toList());
      if (verb.equals("send")) {
        send(socket, names, files);
      }
    }
    System.out.println("holding " + String.join(" ", names));
    Thread.sleep(Long.MAX_VALUE);
  }

  private static void send(String socket, List<String> names, BoundFiles files)
      throws InterruptedException {
    while (true) {
      for (int i = 0; i < names.size(); i++) {
        exchange(socket, "take " + names.get(i), files.devices().get(i), files.iommu());
      }
      System.out.println("holding " + String.join(" ", names));
      Thread.sleep(2000);
    }
  }

  /** Until the agent is there and does it: a VMM may be earlier. */
  private static void exchange(String socket, String request, int... descriptors)
      throws InterruptedException {
    while (!done(socket, request, descriptors)) {
      Thread.sleep(500);
    }
  }

  private static boolean done(String path, String request, int... descriptors) {
    try (PacketSocket socket = PacketSocket.connect(path)) {
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
