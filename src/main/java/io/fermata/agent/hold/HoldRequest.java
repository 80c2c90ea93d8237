package io.fermata.agent.hold;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.fermata.device.DeviceName;
import java.util.List;

/**
 * What may be asked at the socket, and how it is written.
 *
 * <p>The socket is of type SOCK_SEQPACKET: the kernel keeps each packet whole, with the descriptors
 * it carries. A packet is one line of ASCII without a line's end, at most {@value #BYTES_MOST}
 * bytes, words with one space between, and at most {@value #DESCRIPTORS_MOST} descriptors:
 *
 * <pre>
 *   fermata-hold 1 take DEVICE     with its descriptor, then that of /dev/iommu if there is one
 *   fermata-hold 1 give DEVICE     answered with the same two, as far as the agent has them
 *   fermata-hold 1 adopt DEVICE PID
 *   fermata-hold 1 hold DEVICE     get it now, the way the settings say
 *   fermata-hold 1 release DEVICE  let go of it; the kernel resets a device that nobody holds
 * </pre>
 *
 * Each is answered with one packet before the next is read:
 *
 * <pre>
 *   fermata-hold 1 ok DEVICE
 *   fermata-hold 1 refused CODE what is wrong, in words
 * </pre>
 *
 * A connection may ask as often as it likes. Whatever cannot be read is refused, its descriptors
 * are closed, and nothing has changed.
 */
sealed interface HoldRequest {
  /** The longest packet. */
  int BYTES_MOST = 512;

  /** The most descriptors of a packet. */
  int DESCRIPTORS_MOST = 2;

  String PROTOCOL = "fermata-hold";
  String VERSION = "1";

  /** The device that is meant. */
  DeviceName device();

  /** The sender's descriptors come with it. */
  record Take(DeviceName device) implements HoldRequest {}

  /** The sender wants the descriptors. */
  record Give(DeviceName device) implements HoldRequest {}

  /** The descriptor is to be copied out of a process. */
  record Adopt(DeviceName device, int pid) implements HoldRequest {}

  /** The descriptor is to be got the way the settings say. */
  record Hold(DeviceName device) implements HoldRequest {}

  /** The descriptor is not needed any more. */
  record Release(DeviceName device) implements HoldRequest {}

  /** A packet that asks for nothing: what is wrong with it. */
  final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    private final HoldRefusal code;

    Malformed(HoldRefusal code, String detail) {
      super(detail);
      this.code = code;
    }

    HoldRefusal code() {
      return code;
    }
  }

  /**
   * Reads a packet.
   *
   * @param descriptors how many came with it
   */
  static HoldRequest read(byte[] bytes, int descriptors) throws Malformed {
    List<String> words = words(bytes);
    if (!words.getFirst().equals(PROTOCOL) || words.size() < 4) {
      throw malformed("a packet begins with '" + PROTOCOL + " " + VERSION + " VERB DEVICE'");
    }
    if (!words.get(1).equals(VERSION)) {
      throw new Malformed(HoldRefusal.VERSION, "the agent speaks version " + VERSION);
    }
    HoldRequest request = request(words);
    boolean carries = request instanceof Take;
    if (carries ? descriptors == 0 : descriptors > 0) {
      throw malformed(
          carries ? "no descriptor came with it" : "descriptors came with what takes none");
    }
    return request;
  }

  private static HoldRequest request(List<String> words) throws Malformed {
    String verb = words.get(2);
    DeviceName device = device(words.get(3));
    int arguments = words.size() - 4;
    if (arguments != (verb.equals("adopt") ? 1 : 0)) {
      throw malformed("'" + verb + "' has not so many words");
    }
    return switch (verb) {
      case "take" -> new Take(device);
      case "give" -> new Give(device);
      case "adopt" -> new Adopt(device, pid(words.get(4)));
      case "hold" -> new Hold(device);
      case "release" -> new Release(device);
      default -> throw malformed("the verbs are take, give, adopt, hold and release");
    };
  }

  private static List<String> words(byte[] bytes) throws Malformed {
    for (byte each : bytes) {
      if (each < ' ' || each > '~') {
        throw malformed("a packet is plain ASCII on one line");
      }
    }
    return List.of(new String(bytes, US_ASCII).split(" ", -1));
  }

  private static DeviceName device(String word) throws Malformed {
    try {
      return new DeviceName(word);
    } catch (IllegalArgumentException e) {
      throw malformed(String.valueOf(e.getMessage()));
    }
  }

  private static int pid(String word) throws Malformed {
    if (!word.matches("[1-9][0-9]{0,8}")) {
      throw malformed("'" + word + "' is no process number");
    }
    return Integer.parseInt(word);
  }

  private static Malformed malformed(String detail) {
    return new Malformed(HoldRefusal.MALFORMED, detail);
  }

  /** The answer to a request that was done. */
  static byte[] done(DeviceName device) {
    return line("ok " + device);
  }

  /** The answer to one that was not. */
  static byte[] refused(Enum<?> code, String detail) {
    String plain = detail.replaceAll("[^ -~]", "?");
    String line = "refused " + code.name() + " " + plain;
    int room = BYTES_MOST - PROTOCOL.length() - VERSION.length() - 2;
    return line(line.length() > room ? line.substring(0, room) : line);
  }

  private static byte[] line(String words) {
    return (PROTOCOL + " " + VERSION + " " + words).getBytes(US_ASCII);
  }
}
