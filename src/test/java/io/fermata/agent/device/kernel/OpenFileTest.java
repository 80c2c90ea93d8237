package io.fermata.agent.device.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a file is, where its path is that of somebody else's mounts. */
class OpenFileTest {
  private static final String ELSEWHERE = "/run/machines/one";

  private static OpenFile opened(String target, String node) {
    return new OpenFile(3, target, node, null);
  }

  @Test
  void theIommuIsKnownByItsNumber() {
    Optional<String> number = Optional.of("10:126");
    assertTrue(opened(ELSEWHERE + "/dev/iommu", "10:126").isIommu(number));
    assertTrue(opened("/dev/iommu", "10:126").isIommu(number));
    assertFalse(opened("/dev/iommu", "10:127").isIommu(number), "another one's name");
    assertFalse(opened("/dev/iommu", null).isIommu(number), "no device file at all");
    assertTrue(opened("/dev/iommu", null).isIommu(Optional.empty()), "nobody tells a number");
    assertFalse(opened(ELSEWHERE + "/dev/iommu", null).isIommu(Optional.empty()));
  }

  /** As after a kill -9 under systemd: what it kept was opened by mounts that are gone. */
  @Test
  void aDeviceFileOutlivesTheMountsThatItWasOpenedBy(@TempDir Path dev) throws Exception {
    String script =
        """
        mount -t tmpfs tmpfs %1$s && mkdir -p %1$s/vfio/devices
        mknod %1$s/vfio/devices/vfio7 c 1 3 && mknod %1$s/iommu c 1 5
        exec 7<>%1$s/vfio/devices/vfio7 8<>%1$s/iommu
        umount -l %1$s && echo gone && read -r
        """
            .formatted(dev);
    Process one = new ProcessBuilder("unshare", "--mount", "bash", "-c", script).start();
    try (var says = one.inputReader()) {
      assumeTrue("gone".equals(says.readLine()), "no mounts of its own may be made here");
      Path process = Path.of("/proc", Long.toString(one.pid()));
      OpenFile device = OpenFile.of(process, 7);
      assertEquals("/vfio/devices/vfio7", device.target());
      assertEquals("1:3", device.node());
      assertTrue(OpenFile.of(process, 8).isIommu(Optional.of("1:5")));
    } finally {
      one.destroyForcibly();
    }
  }

  @Test
  void aGroupIsKnownBehindOtherMountsToo() {
    assertTrue(opened(ELSEWHERE + "/dev/vfio/17", "242:0").isGroup("17"));
    assertFalse(opened(ELSEWHERE + "/dev/vfio/117", "242:0").isGroup("17"));
  }

  @Test
  void sysfsTellsTheNumber(@TempDir Path sys) throws IOException {
    Sysfs sysfs = new Sysfs(sys, Path.of("/dev/vfio/devices"));
    assertEquals(Optional.empty(), sysfs.iommu());
    Path iommu = Files.createDirectories(sys.resolve("class/misc/iommu"));
    Files.writeString(iommu.resolve("dev"), "10:126\n");
    assertEquals(Optional.of("10:126"), sysfs.iommu());
  }
}
