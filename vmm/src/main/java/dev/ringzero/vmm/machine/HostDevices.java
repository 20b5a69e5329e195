package dev.ringzero.vmm.machine;

import dev.ringzero.engine.Engine;
import dev.ringzero.engine.MsiTarget;
import dev.ringzero.images.ImageException;
import dev.ringzero.kvm.KvmEngine;
import dev.ringzero.kvm.vfio.VfioDevice;
import dev.ringzero.kvm.vfio.VfioException;
import dev.ringzero.memory.ContiguousMemory;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.memory.RamRange;
import java.util.ArrayList;
import java.util.List;

/** The functions of the host that a machine has. */
final class HostDevices implements AutoCloseable {
  private final List<VfioDevice> devices = new ArrayList<>();

  /** What of a machine such functions are given: its RAM, and room among its addresses. */
  record Access(Engine engine, GuestMemory memory) {}

  /**
   * Takes a function of the host, which from now on reaches all of the machine's RAM.
   *
   * @throws ImageException if it cannot be had, with a line for the user
   */
  HostDevice take(String address, Access access, MsiTarget messages) {
    if (!(access.engine() instanceof KvmEngine kvm)
        || !(access.memory() instanceof ContiguousMemory ram)) {
      throw new ImageException("--device pci=" + address + " needs a machine on --engine kvm");
    }
    try {
      VfioDevice device = VfioDevice.open(address);
      devices.add(device);
      for (RamRange range : ram.ramRanges()) {
        long from = MachineMemory.hostAddress(ram.hpa(range.gpa()));
        device.map(from, range.lengthBytes(), range.gpa());
      }
      return new HostDevice(device, messages, memoryOf(kvm));
    } catch (VfioException e) {
      throw new ImageException("--device pci=" + address + ": " + e.getMessage(), e);
    }
  }

  private static HostDevice.BarMemory memoryOf(KvmEngine kvm) {
    return new HostDevice.BarMemory() {
      @Override
      public boolean add(long gpa, long lengthBytes, long hostAddress) {
        return kvm.addDeviceMemory(gpa, lengthBytes, hostAddress);
      }

      @Override
      public void remove(long gpa) {
        kvm.removeDeviceMemory(gpa);
      }
    };
  }

  @Override
  public void close() {
    devices.forEach(VfioDevice::close);
  }
}
