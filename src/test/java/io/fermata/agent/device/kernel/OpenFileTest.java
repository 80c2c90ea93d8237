package io.fermata.agent.device.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
