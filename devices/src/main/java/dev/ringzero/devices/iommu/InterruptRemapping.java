package dev.ringzero.devices.iommu;

import dev.ringzero.engine.MsiTarget;
import dev.ringzero.memory.GuestMemory;

/**
 * Interrupt messages of devices, led to processors by a table of the guest's.
 *
 * <p>Not modelled: posted interrupts; destinations above 255.
 *
 * @spec Intel VT-d 4.1, "Interrupt Remapping"
 */
final class InterruptRemapping {
  private static final long MESSAGE_ADDRESS = 0xFEE0_0000L;
  private static final int REMAPPABLE = 1 << 4;
  private static final int SUBHANDLE_VALID = 1 << 3;
  private static final int HANDLE_BIT_15 = 1 << 2;

  private static final int PRESENT = 1;
  private static final int FAULTS_OFF = 1 << 1;
  private static final int POSTED = 1 << 15;
  private static final long LOW_RESERVED = 0x0000_0000_FF00_7000L;
  private static final long HIGH_RESERVED = ~0xF_FFFFL;
  private static final int VERIFY_ID = 1;
  private static final int VERIFY_BUS = 2;

  /** Of the requester ID, by qualifier: which bits of the function number do not count. */
  private static final int[] IGNORED = {0, 4, 6, 7};

  private final GuestMemory memory;
  private final MsiTarget processors;
  private final Refusal refusals;
  private volatile boolean on;
  private volatile boolean compatibility;
  private volatile long table;
  private volatile int entries;
  private volatile boolean wideDestinations;

  /** Learns of refused messages. */
  @FunctionalInterface
  interface Refusal {
    void refused(Fault fault, int requesterId, long information, boolean write);
  }

  InterruptRemapping(GuestMemory memory, MsiTarget processors, Refusal refusals) {
    this.memory = memory;
    this.processors = processors;
    this.refusals = refusals;
  }

  void set(boolean isOn, boolean compatibilityPasses) {
    on = isOn;
    compatibility = compatibilityPasses;
  }

  /**
   * Takes another table.
   *
   * @param count of its entries
   * @param wide whether destinations have 32 bits, as in x2APIC mode
   */
  void table(long gpa, int count, boolean wide) {
    table = gpa;
    entries = count;
    wideDestinations = wide;
  }

  void send(int requesterId, long address, int data) {
    if (!on || (address & -0x10_0000L) != MESSAGE_ADDRESS) {
      processors.send(address, data);
      return;
    }
    if ((address & REMAPPABLE) == 0) {
      if (compatibility) {
        processors.send(address, data);
      } else {
        refusals.refused(Fault.INTERRUPT_COMPATIBILITY, requesterId, 0, true);
      }
      return;
    }
    int handle = (int) (address >>> 5) & 0x7FFF | ((address & HANDLE_BIT_15) != 0 ? 0x8000 : 0);
    int index = handle + ((address & SUBHANDLE_VALID) != 0 ? data & 0xFFFF : 0);
    remap(requesterId, index);
  }

  private void remap(int requesterId, int index) {
    long information = (long) index << 48;
    long at = table + index * 16L;
    if (index >= entries) {
      refusals.refused(Fault.INTERRUPT_INDEX, requesterId, information, true);
      return;
    }
    if (!memory.isRam(at, 16)) {
      refusals.refused(Fault.INTERRUPT_TABLE_UNREADABLE, requesterId, information, true);
      return;
    }
    long low = memory.read64(at);
    long high = memory.read64(at + 8);
    Fault fault = complaint(requesterId, low, high);
    if (fault == null) {
      deliver(low);
    } else if ((low & FAULTS_OFF) == 0) {
      refusals.refused(fault, requesterId, information, true);
    }
  }

  private static Fault complaint(int requesterId, long low, long high) {
    if ((low & PRESENT) == 0) {
      return Fault.INTERRUPT_NOT_PRESENT;
    }
    if ((low & (LOW_RESERVED | POSTED)) != 0 || (high & HIGH_RESERVED) != 0) {
      return Fault.INTERRUPT_RESERVED;
    }
    int source = (int) high & 0xFFFF;
    int kept = ~IGNORED[(int) (high >>> 16) & 3];
    int bus = requesterId >>> 8;
    return switch ((int) (high >>> 18) & 3) {
      case 0 -> null;
      case VERIFY_ID -> (requesterId & kept) == (source & kept) ? null : Fault.INTERRUPT_SOURCE;
      case VERIFY_BUS ->
          bus >= source >>> 8 && bus <= (source & 0xFF) ? null : Fault.INTERRUPT_SOURCE;
      default -> Fault.INTERRUPT_RESERVED;
    };
  }

  private void deliver(long low) {
    long destination = low >>> 32;
    destination = wideDestinations ? destination & 0xFF : destination >>> 8 & 0xFF;
    boolean logical = (low & 1 << 2) != 0;
    boolean hinted = (low & 1 << 3) != 0;
    boolean level = (low & 1 << 4) != 0;
    int mode = (int) (low >>> 5) & 7;
    int vector = (int) (low >>> 16) & 0xFF;
    processors.send(
        MESSAGE_ADDRESS | destination << 12 | (hinted ? 1 << 3 : 0) | (logical ? 1 << 2 : 0),
        vector | mode << 8 | 1 << 14 | (level ? 1 << 15 : 0));
  }
}
