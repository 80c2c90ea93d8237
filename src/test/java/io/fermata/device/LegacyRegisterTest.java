package io.fermata.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LegacyRegisterTest {
  @ParameterizedTest(name = "{0}b is {1}")
  @CsvSource({
    "0000, STOP, false, false",
    "0001, RUNNING, true, true",
    "0010, STOP_COPY, false, false",
    "0011, PRE_COPY, true, true",
    "0100, RESUMING, false, false",
    "0110, ERROR, false, false",
    "1001, RUNNING_P2P, false, true",
    "1011, PRE_COPY_P2P, false, true",
  })
  void eachDefinedRowHasItsStateAndBothProperties(
      String bits, DeviceState state, boolean issuesDma, boolean changes) {
    int value = Integer.parseInt(bits, 2);
    assertEquals(state, LegacyRegister.decode(value));
    assertEquals(value, LegacyRegister.encode(state));
    assertEquals(issuesDma, state.mayIssueDma());
    assertEquals(changes, state.mayChange());
  }

  @ParameterizedTest(name = "{0}b is refused")
  @CsvSource({
    "0101, 101b, post-copy",
    "0111, 111b, invalid",
    "1000, 1000b, does not define",
    "1010, 1010b, does not define",
    "1100, 1100b, does not define",
    "1101, 1101b, does not define",
    "1110, 1110b, does not define",
    "1111, 1111b, does not define",
  })
  void eachUndefinedRowIsRefusedWithItsBitsAndTheReason(String bits, String shown, String reason) {
    int value = Integer.parseInt(bits, 2);
    var refused = assertThrows(IllegalArgumentException.class, () -> LegacyRegister.decode(value));
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.startsWith(shown + " refused"), message);
    assertTrue(message.contains(reason), message);
  }

  @Test
  void whatIsNotKnownHasNoRegisterValue() {
    assertThrows(IllegalArgumentException.class, () -> LegacyRegister.encode(DeviceState.UNKNOWN));
    assertThrows(IllegalArgumentException.class, () -> LegacyRegister.decode(-1));
  }
}
