package dev.ringzero.devices.pci;

import dev.ringzero.memory.MmioDevice;

/**
 * The Enhanced Configuration Access Mechanism: configuration space of every function as memory.
 *
 * @spec PCI Express Base Specification, "PCI Express Enhanced Configuration Access Mechanism
 *     (ECAM)"
 */
public final class EcamWindow implements MmioDevice {
  /** Bytes of window for each bus. */
  public static final long BYTES_PER_BUS = 1 << 20;

  private final PciBus bus;

  public EcamWindow(PciBus bus) {
    this.bus = bus;
  }

  @Override
  public long read(long offset, int sizeBytes) {
    int register = (int) offset & ConfigSpace.BYTES - 1;
    if (isWide(register, sizeBytes)) {
      return read(offset, sizeBytes / 2)
          | read(offset + sizeBytes / 2, sizeBytes / 2) << 4 * sizeBytes;
    }
    return bus.readConfig(busOf(offset), deviceFunctionOf(offset), register, sizeBytes);
  }

  @Override
  public void write(long offset, int sizeBytes, long value) {
    int register = (int) offset & ConfigSpace.BYTES - 1;
    if (isWide(register, sizeBytes)) {
      write(offset, sizeBytes / 2, value & (1L << 4 * sizeBytes) - 1);
      write(offset + sizeBytes / 2, sizeBytes / 2, value >>> 4 * sizeBytes);
      return;
    }
    bus.writeConfig(busOf(offset), deviceFunctionOf(offset), register, sizeBytes, value);
  }

  /** Whether the access must be halved: a doubleword is the widest, and none crosses one. */
  private static boolean isWide(int register, int sizeBytes) {
    return sizeBytes > 4 || (register & sizeBytes - 1) != 0;
  }

  private static int busOf(long offset) {
    return (int) (offset >>> 20) & 0xFF;
  }

  private static int deviceFunctionOf(long offset) {
    return (int) (offset >>> 12) & 0xFF;
  }
}
