package dev.ringzero.vmm.machine;

import dev.ringzero.devices.pci.PciDevice;
import java.util.Optional;

/**
 * A disk or a network card of a machine.
 *
 * @param id by which people and commands know it
 * @param what it is in a few words, such as the file of a disk
 * @param backend what is behind it at the host: a {@link DiskDrive} or a {@link NetworkCard}
 * @param function as the guest sees it; none for a paravirtual guest
 */
record AttachedDevice(String id, String what, AutoCloseable backend, Optional<PciDevice> function) {
  String kind() {
    return backend instanceof DiskDrive ? "disk" : "net";
  }

  /** Closes what is behind it. Nothing of the device is at work any more. */
  void close() {
    switch (backend) {
      case DiskDrive drive -> drive.close();
      case NetworkCard card -> card.close();
      default -> throw new IllegalStateException("a device with nothing behind it");
    }
  }
}
