package dev.ringzero.vmm.xen;

import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.x86.PageEntry;

/**
 * Reads and writes the memory of a paravirtual guest at its own addresses, by its current tables.
 * Refuses what the guest itself could not reach. Under the lock of the {@link XenDomain}, so that
 * no frame changes its use meanwhile.
 */
final class GuestAccess {
  private long rootHpa;

  /** Sets the top table. */
  void root(long hpa) {
    rootHpa = hpa;
  }

  /** Machine address of the entry of the lowest table that maps an address, or refuses. */
  long entryHpa(long linear) {
    long table = rootHpa;
    for (int shift = 39; shift > 12; shift -= 9) {
      int index = index(linear, shift);
      if (TableValidator.isMonitors(shift == 39 ? 4 : 0, index)) {
        throw XenError.FAULT;
      }
      long entry = MachineMemory.read64(table + index * 8L);
      if ((entry & PageEntry.P) == 0) {
        throw XenError.FAULT;
      }
      table = entry & PageEntry.ADDRESS;
    }
    return table + index(linear, 12) * 8L;
  }

  private static int index(long linear, int shift) {
    return (int) (linear >>> shift) & 511;
  }

  /** Machine address of a byte of the guest's, or refuses. */
  long hpa(long linear, boolean write) {
    long top = linear >> 47;
    if (top != 0 && top != -1) {
      throw XenError.FAULT;
    }
    long table = rootHpa;
    boolean writable = true;
    for (int shift = 39; ; shift -= 9) {
      int index = index(linear, shift);
      if (TableValidator.isMonitors(shift == 39 ? 4 : 0, index)) {
        throw XenError.FAULT;
      }
      long entry = MachineMemory.read64(table + index * 8L);
      writable &= (entry & PageEntry.RW) != 0;
      if ((entry & PageEntry.P) == 0 || shift == 12 && write && !writable) {
        throw XenError.FAULT;
      }
      table = entry & PageEntry.ADDRESS;
      if (shift == 12) {
        return table | linear & FramePool.FRAME_BYTES - 1;
      }
    }
  }

  long read64(long linear) {
    return readBytes(linear, 8);
  }

  int read32(long linear) {
    return (int) readBytes(linear, 4);
  }

  int read16(long linear) {
    return (int) readBytes(linear, 2);
  }

  private long readBytes(long linear, int sizeBytes) {
    if ((linear & FramePool.FRAME_BYTES - 1) <= FramePool.FRAME_BYTES - sizeBytes) {
      return MachineMemory.read(hpa(linear, false), sizeBytes);
    }
    long value = 0;
    for (int i = 0; i < sizeBytes; i++) {
      value |= MachineMemory.read8(hpa(linear + i, false)) << 8 * i;
    }
    return value;
  }

  /**
   * Copies the code at an address as far as the guest can reach it.
   *
   * @return bytes copied, at most the array's length
   */
  int fetch(long linear, byte[] destination) {
    for (int i = 0; i < destination.length; i++) {
      try {
        destination[i] = (byte) MachineMemory.read8(hpa(linear + i, false));
      } catch (XenError e) {
        return i;
      }
    }
    return destination.length;
  }

  /** Copies up to the array's length; refuses if any byte is out of reach. */
  void read(long linear, byte[] destination) {
    for (int i = 0; i < destination.length; i++) {
      destination[i] = (byte) MachineMemory.read8(hpa(linear + i, false));
    }
  }

  void write64(long linear, long value) {
    write(linear, 8, value);
  }

  void write32(long linear, long value) {
    write(linear, 4, value);
  }

  private void write(long linear, int sizeBytes, long value) {
    if ((linear & FramePool.FRAME_BYTES - 1) <= FramePool.FRAME_BYTES - sizeBytes) {
      MachineMemory.write(hpa(linear, true), sizeBytes, value);
      return;
    }
    for (int i = 0; i < sizeBytes; i++) {
      hpa(linear + i, true);
    }
    for (int i = 0; i < sizeBytes; i++) {
      MachineMemory.write8(hpa(linear + i, true), value >>> 8 * i);
    }
  }
}
