package io.fermata.agent.device.emulated;

import java.util.Arrays;
import java.util.List;

/**
 * All that a device's state is: equal on two hosts if and only if every byte is.
 *
 * @param identity whose state
 * @param counter how often it has changed
 * @param versions of each block, at which counter it last changed
 */
public record Contents(Identity identity, long counter, List<Long> versions) {
  public Contents {
    versions = List.copyOf(versions);
  }

  static Contents of(Identity identity, long counter, long[] versions) {
    return new Contents(identity, counter, Arrays.stream(versions).boxed().toList());
  }
}
