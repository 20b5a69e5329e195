package dev.ringzero.vmm.machine;

import dev.ringzero.devices.iommu.DmaPort;
import dev.ringzero.devices.iommu.Iommu;
import dev.ringzero.devices.pci.PciFunction;
import dev.ringzero.engine.MsiTarget;
import dev.ringzero.memory.DmaMemory;
import dev.ringzero.memory.GuestMemory;
import java.util.Optional;
import java.util.function.Consumer;

/** How functions reach memory and processors: straight, or through the machine's IOMMU. */
record DevicePaths(GuestMemory memory, MsiTarget messages, Optional<Iommu> iommu) {
  /**
   * The way of one function.
   *
   * @param attach says which function it is, before the way is used
   */
  record Path(DmaMemory memory, MsiTarget messages, Consumer<PciFunction> attach) {}

  /** A way for one more function. */
  Path next() {
    if (iommu.isEmpty()) {
      return straight();
    }
    DmaPort port = iommu.get().port();
    return new Path(port.memory(), port, port::attach);
  }

  /**
   * A way whose accesses no IOMMU sees, for what speaks of guest-physical addresses by its nature;
   * its interrupts are remapped as all others.
   */
  Path straight() {
    if (iommu.isEmpty()) {
      return new Path(memory, messages, function -> {});
    }
    DmaPort port = iommu.get().port();
    return new Path(memory, port, port::attach);
  }
}
