package io.fermata.agent.device.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which processes have devices open, as far as {@code /proc} tells: without the right to look into
 * a process its files are not seen, so nobody listed does not mean nobody there.
 *
 * @param byProcess what each of them has open: device files, groups, directories in sysfs
 */
record Holders(Map<Discovery.Holder, Set<String>> byProcess) {
  private static final String FILES = "/dev/vfio/";
  private static final String CONTAINER = "/dev/vfio/vfio";

  /** The descriptor that a group gives out names no file; newer kernels tell its device here. */
  private static final String DEVICE_OF_GROUP = "anon_inode:[vfio-device]";

  private static final String SYSFS_PATH = "vfio-device-syspath:";

  /** Looks at every process of that {@code /proc} but one, if it lets itself be looked at. */
  static Holders in(Path proc, long except) {
    Map<Discovery.Holder, Set<String>> found = new LinkedHashMap<>();
    for (Path process : Sysfs.entries(proc)) {
      String pid = process.getFileName().toString();
      if (pid.chars().allMatch(Character::isDigit) && Long.parseLong(pid) != except) {
        Set<String> open = open(process);
        if (!open.isEmpty()) {
          found.put(new Discovery.Holder(Long.parseLong(pid), command(process)), open);
        }
      }
    }
    return new Holders(found);
  }

  /** Those that hold that device, or its whole group. */
  List<Discovery.Holder> of(HostDevice device, Sysfs sysfs) {
    List<String> names = new ArrayList<>();
    if (device.node() != null) {
      names.add(sysfs.devices().resolve(device.node()).toString());
    }
    if (device.group() != null) {
      names.add(FILES + device.group());
    }
    names.add(
        "/sys/" + Sysfs.real(sysfs.root()).orElse(sysfs.root()).relativize(device.directory()));
    return byProcess.entrySet().stream()
        .filter(each -> names.stream().anyMatch(each.getValue()::contains))
        .map(Map.Entry::getKey)
        .toList();
  }

  private static Set<String> open(Path process) {
    Set<String> open = new HashSet<>();
    for (Path descriptor : Sysfs.entries(process.resolve("fd"))) {
      String target = target(descriptor);
      if (target.startsWith(FILES) && !target.equals(CONTAINER)) {
        open.add(target);
      } else if (target.equals(DEVICE_OF_GROUP)) {
        lines(process.resolve("fdinfo").resolve(descriptor.getFileName())).stream()
            .filter(line -> line.startsWith(SYSFS_PATH))
            .forEach(line -> open.add(line.substring(SYSFS_PATH.length()).strip()));
      }
    }
    return open;
  }

  private static String command(Path process) {
    return lines(process.resolve("comm")).stream().findFirst().orElse("?");
  }

  /** Processes end and close files while they are looked at: what is gone counts as not there. */
  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException gone) {
      return "";
    }
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException gone) {
      return List.of();
    }
  }
}
