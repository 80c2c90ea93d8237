package io.fermata.agent.device.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fermata.agent.device.DeviceControl.PrecopyInfo;
import io.fermata.device.DeviceState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Every argument byte by byte, as a little-endian kernel reads it. */
class UapiTest {
  private final Arena arena = Arena.ofConfined();

  @AfterEach
  void free() {
    arena.close();
  }

  @Test
  void theFeaturesThatAnswerALong() {
    assertBytes("10000000 01000100 0000000000000000", Uapi.longOf(arena, Uapi.MIGRATION));
    assertBytes("10000000 09000100 0000000000000000", Uapi.longOf(arena, Uapi.MIG_DATA_SIZE));
    assertEquals(0x8877665544332211L, Uapi.longIn(bytes("10000000 09000100 1122334455667788")));
  }

  @Test
  void theStateAskedFor() {
    assertBytes("10000000 02000100 00000000 ffffffff", Uapi.currentState(arena));
    assertBytes(
        "10000000 02000200 07000000 ffffffff",
        Uapi.requestedState(arena, DeviceState.PRE_COPY_P2P));
  }

  @Test
  void theStateAnswered() {
    MemorySegment answer = bytes("10000000 02000200 03000000 2a000000");
    assertEquals(DeviceState.STOP_COPY, Uapi.stateIn(answer));
    assertEquals(42, Uapi.sessionIn(answer));
    MemorySegment newer = bytes("10000000 02000100 08000000 ffffffff");
    assertEquals(DeviceState.UNKNOWN, Uapi.stateIn(newer));
    assertEquals(Uapi.NO_DESCRIPTOR, Uapi.sessionIn(newer));
  }

  @Test
  void theProbeOfDmaLogging() {
    assertBytes("20000000 06000600" + " 0000000000000000".repeat(3), Uapi.probeOfDmaLogging(arena));
  }

  @Test
  void theOptIntoPrecopyFlagsHasNoPayload() {
    assertBytes("08000000 0c000200", Uapi.optIntoPrecopyFlags(arena));
  }

  @Test
  void theBinding() {
    assertBytes("10000000 00000000 07000000 00000000", Uapi.bind(arena, 7));
  }

  @Test
  void whatPrecopyHasLeft() {
    assertBytes("18000000 00000000" + " 0000000000000000".repeat(2), Uapi.precopyInfo(arena));
    MemorySegment answer = bytes("18000000 01000000 1800000000000000 0010000000000000");
    assertEquals(new PrecopyInfo(24, 4096, true), Uapi.precopyInfoIn(answer, true));
    assertEquals(new PrecopyInfo(24, 4096, false), Uapi.precopyInfoIn(answer, false));
    MemorySegment otherFlag = bytes("18000000 02000000 0000000000000000 0000000000000000");
    assertEquals(new PrecopyInfo(0, 0, false), Uapi.precopyInfoIn(otherFlag, true));
  }

  private MemorySegment bytes(String hexadecimal) {
    byte[] bytes = HexFormat.of().parseHex(hexadecimal.replace(" ", ""));
    return arena.allocate(bytes.length, 8).copyFrom(MemorySegment.ofArray(bytes));
  }

  private static void assertBytes(String hexadecimal, MemorySegment seen) {
    assertEquals(hexadecimal.replace(" ", ""), HexFormat.of().formatHex(seen.toArray(JAVA_BYTE)));
  }
}
