package io.fermata.agent.device.emulated;

import io.fermata.device.DeviceState;
import org.jspecify.annotations.Nullable;

/**
 * Where the state of an emulated device outlives the process that emulates it, as hardware outlives
 * an agent. Told of every change as it happens; what a killed process had told is still there.
 */
interface Kept {
  /** Nothing outlives the process. */
  Kept NOWHERE =
      new Kept() {
        @Override
        public @Nullable Before before() {
          return null;
        }

        @Override
        public void state(DeviceState state) {}

        @Override
        public void contents(Identity identity, long counter, long[] versions) {}

        @Override
        public void counter(long counter) {}

        @Override
        public void version(int block, long version) {}
      };

  /** How an earlier process left the device. */
  record Before(DeviceState state, Contents contents) {}

  /** How an earlier process left the device; null if there was none. */
  @Nullable Before before();

  /** It is in that state now. */
  void state(DeviceState state);

  /** It holds something else altogether. */
  void contents(Identity identity, long counter, long[] versions);

  /** It has changed so often. */
  void counter(long counter);

  /** A block has changed. */
  void version(int block, long version);
}
