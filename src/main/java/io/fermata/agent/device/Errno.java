package io.fermata.agent.device;

import java.util.Map;
import java.util.stream.Stream;

/** A kernel error number with its name (x86-64), as {@code EINVAL(22)}. */
public record Errno(int number) {
  public static final Errno EPERM = new Errno(1);
  public static final Errno ESRCH = new Errno(3);
  public static final Errno EIO = new Errno(5);
  public static final Errno ENXIO = new Errno(6);
  public static final Errno ENOMEM = new Errno(12);
  public static final Errno EACCES = new Errno(13);
  public static final Errno EFAULT = new Errno(14);
  public static final Errno EBUSY = new Errno(16);
  public static final Errno ENODEV = new Errno(19);
  public static final Errno EINVAL = new Errno(22);
  public static final Errno ENOTTY = new Errno(25);
  public static final Errno ENOMSG = new Errno(42);
  public static final Errno ENOTCONN = new Errno(107);
  public static final Errno ETIMEDOUT = new Errno(110);

  private static final String UNNAMED = "E?";
  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(1, "EPERM"),
          Map.entry(2, "ENOENT"),
          Map.entry(3, "ESRCH"),
          Map.entry(4, "EINTR"),
          Map.entry(5, "EIO"),
          Map.entry(6, "ENXIO"),
          Map.entry(7, "E2BIG"),
          Map.entry(9, "EBADF"),
          Map.entry(11, "EAGAIN"),
          Map.entry(12, "ENOMEM"),
          Map.entry(13, "EACCES"),
          Map.entry(14, "EFAULT"),
          Map.entry(16, "EBUSY"),
          Map.entry(19, "ENODEV"),
          Map.entry(22, "EINVAL"),
          Map.entry(24, "EMFILE"),
          Map.entry(25, "ENOTTY"),
          Map.entry(28, "ENOSPC"),
          Map.entry(29, "ESPIPE"),
          Map.entry(42, "ENOMSG"),
          Map.entry(75, "EOVERFLOW"),
          Map.entry(95, "EOPNOTSUPP"),
          Map.entry(107, "ENOTCONN"),
          Map.entry(110, "ETIMEDOUT"));

  /** Every symbol that {@link #symbol} may give. */
  public static Stream<String> symbols() {
    return Stream.concat(NAMES.values().stream(), Stream.of(UNNAMED));
  }

  /** The symbol, or {@code E?} for one that is not in the table. */
  public String symbol() {
    return NAMES.getOrDefault(number, UNNAMED);
  }

  @Override
  public String toString() {
    return symbol() + "(" + number + ")";
  }
}
