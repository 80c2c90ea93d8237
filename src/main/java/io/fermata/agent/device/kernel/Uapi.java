package io.fermata.agent.device.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.fermata.agent.device.DeviceControl.PrecopyInfo;
import io.fermata.device.DeviceState;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * The numbers and layouts of {@code uapi/linux/vfio.h}, and nothing else: values in, bytes out, and
 * back. The numbers are {@code _IO(';', 100 + n)} and the same on every architecture; the byte
 * order is the machine's.
 */
final class Uapi {
  /** {@code VFIO_DEVICE_RESET}, on a device, no argument. */
  static final long DEVICE_RESET = 0x3b6f;

  /** {@code VFIO_DEVICE_FEATURE}, on a device, {@code struct vfio_device_feature}. */
  static final long DEVICE_FEATURE = 0x3b75;

  /** {@code VFIO_DEVICE_BIND_IOMMUFD}, on a device's own file, 16 bytes. */
  static final long DEVICE_BIND_IOMMUFD = 0x3b76;

  /** {@code VFIO_MIG_GET_PRECOPY_INFO}, on a saving session, {@code struct vfio_precopy_info}. */
  static final long MIG_GET_PRECOPY_INFO = 0x3b79;

  /** {@code VFIO_DEVICE_FEATURE_GET}. */
  static final int GET = 1 << 16;

  /** {@code VFIO_DEVICE_FEATURE_SET}. */
  static final int SET = 1 << 17;

  /** {@code VFIO_DEVICE_FEATURE_PROBE}: only ask whether the call exists. */
  static final int PROBE = 1 << 18;

  /** {@code VFIO_DEVICE_FEATURE_MIGRATION}: {@code u64 flags}. */
  static final int MIGRATION = 1;

  /** {@code VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE}: {@code u32 device_state; s32 data_fd}. */
  static final int MIG_DEVICE_STATE = 2;

  /** {@code VFIO_DEVICE_FEATURE_DMA_LOGGING_START}: 24 bytes. */
  static final int DMA_LOGGING_START = 6;

  /** {@code VFIO_DEVICE_FEATURE_MIG_DATA_SIZE}: {@code u64 stop_copy_length}. */
  static final int MIG_DATA_SIZE = 9;

  /** {@code VFIO_DEVICE_FEATURE_MIG_PRECOPY_INFOv2}: no payload. Kernels before 7.1 lack it. */
  static final int MIG_PRECOPY_INFO_V2 = 12;

  /** What {@code data_fd} holds when the call opened no session. */
  static final int NO_DESCRIPTOR = -1;

  private static final int FEATURE_HEADER_BYTES = 8;
  private static final int DMA_LOGGING_START_BYTES = 24;
  private static final int BIND_BYTES = 16;
  private static final int PRECOPY_INFO_BYTES = 24;
  private static final int PRECOPY_INFO_REINIT = 1;

  private Uapi() {}

  /** A {@code struct vfio_device_feature} with an empty payload of this many bytes. */
  private static MemorySegment feature(SegmentAllocator memory, int flags, int payloadBytes) {
    int size = FEATURE_HEADER_BYTES + payloadBytes;
    MemorySegment argument = memory.allocate(size, Long.BYTES).fill((byte) 0);
    argument.set(JAVA_INT, 0, size);
    argument.set(JAVA_INT, 4, flags);
    return argument;
  }

  /** GET of a feature that answers with 8 bytes: MIGRATION, MIG_DATA_SIZE. */
  static MemorySegment longOf(SegmentAllocator memory, int feature) {
    return feature(memory, GET | feature, Long.BYTES);
  }

  /** What {@link #longOf} was answered. */
  static long longIn(MemorySegment argument) {
    return argument.get(JAVA_LONG, FEATURE_HEADER_BYTES);
  }

  /** GET of MIG_DEVICE_STATE. */
  static MemorySegment currentState(SegmentAllocator memory) {
    return state(memory, GET, 0);
  }

  /**
   * SET of MIG_DEVICE_STATE. The descriptor's place starts at -1: the kernel fills it in except
   * when it has no descriptor left to give (EMFILE), and then it must not look like number 0.
   */
  static MemorySegment requestedState(SegmentAllocator memory, DeviceState to) {
    return state(memory, SET, to.code());
  }

  private static MemorySegment state(SegmentAllocator memory, int direction, int code) {
    MemorySegment argument = feature(memory, direction | MIG_DEVICE_STATE, 8);
    argument.set(JAVA_INT, 8, code);
    argument.set(JAVA_INT, 12, NO_DESCRIPTOR);
    return argument;
  }

  /** The state in the answer to MIG_DEVICE_STATE. */
  static DeviceState stateIn(MemorySegment argument) {
    return DeviceState.ofCode(argument.get(JAVA_INT, 8));
  }

  /** The new session in the answer to MIG_DEVICE_STATE, or {@link #NO_DESCRIPTOR}. */
  static int sessionIn(MemorySegment argument) {
    return argument.get(JAVA_INT, 12);
  }

  /** PROBE of SET for DMA_LOGGING_START: whether the device logs its writes. */
  static MemorySegment probeOfDmaLogging(SegmentAllocator memory) {
    return feature(memory, PROBE | SET | DMA_LOGGING_START, DMA_LOGGING_START_BYTES);
  }

  /** SET of MIG_PRECOPY_INFOv2: from now on the flags of pre-copy information are valid. */
  static MemorySegment optIntoPrecopyFlags(SegmentAllocator memory) {
    return feature(memory, SET | MIG_PRECOPY_INFO_V2, 0);
  }

  /** {@code struct vfio_device_bind_iommufd}. */
  static MemorySegment bind(SegmentAllocator memory, int iommu) {
    MemorySegment argument = memory.allocate(BIND_BYTES, Long.BYTES).fill((byte) 0);
    argument.set(JAVA_INT, 0, BIND_BYTES);
    argument.set(JAVA_INT, 8, iommu);
    return argument;
  }

  /** An empty {@code struct vfio_precopy_info}. */
  static MemorySegment precopyInfo(SegmentAllocator memory) {
    MemorySegment argument = memory.allocate(PRECOPY_INFO_BYTES, Long.BYTES).fill((byte) 0);
    argument.set(JAVA_INT, 0, PRECOPY_INFO_BYTES);
    return argument;
  }

  /**
   * What the kernel answered.
   *
   * @param flagsValid whether the opt-in succeeded; without it drivers leave in the flags whatever
   *     they find there
   */
  static PrecopyInfo precopyInfoIn(MemorySegment argument, boolean flagsValid) {
    boolean restarted = flagsValid && (argument.get(JAVA_INT, 4) & PRECOPY_INFO_REINIT) != 0;
    return new PrecopyInfo(argument.get(JAVA_LONG, 8), argument.get(JAVA_LONG, 16), restarted);
  }
}
