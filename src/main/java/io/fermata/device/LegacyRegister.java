package io.fermata.device;

import static io.fermata.device.DeviceState.ERROR;
import static io.fermata.device.DeviceState.PRE_COPY;
import static io.fermata.device.DeviceState.PRE_COPY_P2P;
import static io.fermata.device.DeviceState.RESUMING;
import static io.fermata.device.DeviceState.RUNNING;
import static io.fermata.device.DeviceState.RUNNING_P2P;
import static io.fermata.device.DeviceState.STOP;
import static io.fermata.device.DeviceState.STOP_COPY;

import java.util.Map;

/**
 * The older register model of VFIO migration (kernels 5.8 to 5.17, region type now called
 * MIGRATION_DEPRECATED): three bits, RUNNING 1, SAVING 2, RESUMING 4, and the bit 8 that was
 * proposed for "issues no DMA".
 *
 * <p>Both versions rest on the same two properties of a device, whether it issues DMA and whether
 * its state changes; the register only lacked a name for the state between. Undefined values are
 * refused, never rounded to a neighbour.
 */
public final class LegacyRegister {
  private static final Map<Integer, DeviceState> DEFINED =
      Map.of(
          0b0000, STOP,
          0b0001, RUNNING,
          0b0010, STOP_COPY,
          0b0011, PRE_COPY,
          0b0100, RESUMING,
          0b0110, ERROR,
          0b1001, RUNNING_P2P,
          0b1011, PRE_COPY_P2P);

  private static final Map<Integer, String> UNDEFINED =
      Map.of(
          0b0101, "RUNNING with RESUMING was kept for post-copy, which never came",
          0b0111, "RUNNING, SAVING and RESUMING at once is invalid");

  private LegacyRegister() {}

  /**
   * The state that a register value stands for.
   *
   * @throws IllegalArgumentException for a value that the model does not define; the message gives
   *     the bits and the reason
   */
  public static DeviceState decode(int bits) {
    DeviceState state = DEFINED.get(bits);
    if (state == null) {
      String why = UNDEFINED.getOrDefault(bits, "the model does not define this value");
      throw new IllegalArgumentException(binary(bits) + " refused: " + why);
    }
    return state;
  }

  /**
   * The register value of a state.
   *
   * @throws IllegalArgumentException for a state that the register cannot say
   */
  public static int encode(DeviceState state) {
    return DEFINED.entrySet().stream()
        .filter(e -> e.getValue() == state)
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException(state + " has no value in the register model"))
        .getKey();
  }

  private static String binary(int bits) {
    String digits = Integer.toBinaryString(bits);
    return "0".repeat(Math.max(0, 3 - digits.length())) + digits + "b";
  }
}
