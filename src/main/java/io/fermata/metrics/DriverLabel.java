package io.fermata.metrics;

import java.util.Set;

/**
 * Drivers as label values: those that are known by name, and {@code other}. A driver's name comes
 * from a host's kernel or its settings, so without a list nobody could say how many there are.
 */
public final class DriverLabel {
  /** Every driver that is not on the list. */
  public static final String OTHER = "other";

  private static final Set<String> KNOWN =
      Set.of(
          "gpu",
          "mlx5",
          "qat",
          "virtio",
          "hisi_acc",
          "nvme",
          "mtty",
          "mbochs",
          "mdpy",
          "vfio-pci",
          "vfio_pci",
          "mlx5_vfio_pci",
          "qat_vfio_pci",
          "hisi_acc_vfio_pci",
          "hisi-acc-vfio-pci",
          "virtio_vfio_pci",
          "virtio-vfio-pci",
          "pds_vfio_pci",
          "pds-vfio-pci",
          "xe-vfio-pci",
          "nvgrace_gpu_vfio_pci",
          "nvgrace-gpu-vfio-pci");

  private DriverLabel() {}

  /** The label value of that driver. */
  public static String of(String driver) {
    return KNOWN.contains(driver) ? driver : OTHER;
  }
}
