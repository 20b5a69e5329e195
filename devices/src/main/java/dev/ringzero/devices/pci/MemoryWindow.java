package dev.ringzero.devices.pci;

import dev.ringzero.memory.DeviceBus;
import dev.ringzero.memory.MmioDevice;

/**
 * A range of addresses that a bridge leads down. What nobody there answers reads as ones, and is an
 * unsupported request for the device behind the bridge.
 */
final class MemoryWindow implements MmioDevice {
  private final PciBus below;
  private final DeviceBus bus;
  private long base;
  private long end;
  private DeviceBus.Claim claim;

  MemoryWindow(PciBus below, DeviceBus bus) {
    this.below = below;
    this.bus = bus;
  }

  /** Leads from {@code first} to before {@code limit}; nothing if that is empty. */
  void place(long first, long limit) {
    if (first == base && limit == end) {
      return;
    }
    if (claim != null) {
      claim.remove();
      claim = null;
    }
    base = first;
    end = limit;
    if (first > 0 && first < limit) {
      claim = bus.addMemoryBehind(first, limit - first, this);
    }
  }

  @Override
  public long read(long offset, int sizeBytes) {
    unsupported(offset, sizeBytes, false);
    return sizeBytes == 8 ? -1 : (1L << 8 * sizeBytes) - 1;
  }

  @Override
  public void write(long offset, int sizeBytes, long value) {
    unsupported(offset, sizeBytes, true);
  }

  private void unsupported(long offset, int sizeBytes, boolean write) {
    PciFunction device = below.functionAt(0);
    ErrorReporting errors = device == null ? null : device.errors();
    if (errors != null) {
      errors.unsupportedMemory(base + offset, sizeBytes, write);
    }
  }
}
