package dev.ringzero.devices.lapic;

import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;

/**
 * The local vector table: what becomes of interrupts that arise at the processor itself, and the
 * wires at LINT0 and LINT1. All methods are called under the APIC's lock.
 *
 * @spec Intel SDM Vol. 3A, "Local Vector Table"
 */
final class LocalVectorTable {
  /** Entries, in the order of their registers. */
  static final int TIMER = 0, LINT0 = 3, LINT1 = 4, ERROR = 5;

  static final int ENTRIES = 6;

  private static final int MASKED = 1 << 16;
  private static final int LEVEL = 1 << 15;
  private static final int REMOTE_IRR = 1 << 14;
  private static final int DELIVERY_STATUS = 1 << 12;

  private static final int[] WRITABLE = {
    0x7_00FF, 0x1_07FF, 0x1_07FF, 0x1_A7FF, 0x1_A7FF, 0x1_00FF
  };

  private final Target target;
  private final int[] entries = new int[ENTRIES];
  private boolean lint0Asserted;
  private boolean lint1Asserted;

  /** Where local interrupts go. */
  interface Target {
    void fixed(int vector);

    void nonMaskable();
  }

  LocalVectorTable(Target target) {
    this.target = target;
  }

  /** Masks all; the wires keep their levels. */
  void reset() {
    for (int i = 0; i < ENTRIES; i++) {
      entries[i] = MASKED;
    }
  }

  void maskAll() {
    for (int i = 0; i < ENTRIES; i++) {
      entries[i] |= MASKED;
    }
  }

  void enterVirtualWireMode(boolean hasExternalController) {
    entries[LINT0] = hasExternalController ? DeliveryMode.EXTINT << 8 : MASKED;
    entries[LINT1] = DeliveryMode.NMI << 8;
  }

  int read(int entry) {
    return entries[entry];
  }

  void write(int entry, int value) {
    entries[entry] = value & WRITABLE[entry] | entries[entry] & REMOTE_IRR;
  }

  /** Whether x2APIC mode refuses this value for a reserved bit. */
  static boolean isReserved(int entry, long value) {
    return (value & ~(WRITABLE[entry] | REMOTE_IRR | DELIVERY_STATUS)) != 0;
  }

  /** Drives a wire, LINT0 or LINT1. */
  void drive(int entry, boolean asserted, boolean apicEnabled) {
    boolean rising = asserted && !isAsserted(entry);
    if (entry == LINT0) {
      lint0Asserted = asserted;
    } else {
      lint1Asserted = asserted;
    }
    if (rising && apicEnabled) {
      trigger(entry);
    }
  }

  private boolean isAsserted(int entry) {
    return entry == LINT0 ? lint0Asserted : lint1Asserted;
  }

  /** Whether the external controller asks, and LINT0 lets that pass. */
  boolean externalRequest(boolean apicEnabled) {
    int entry = entries[LINT0];
    boolean passes = (entry & MASKED) == 0 && deliveryMode(entry) == DeliveryMode.EXTINT;
    return lint0Asserted && (passes || !apicEnabled);
  }

  private static int deliveryMode(int entry) {
    return entry >>> 8 & 7;
  }

  /** Raises the interrupt of an entry, unless it is masked. */
  void trigger(int entry) {
    int value = entries[entry];
    if ((value & MASKED) != 0) {
      return;
    }
    boolean isPin = entry == LINT0 || entry == LINT1;
    switch (entry == TIMER || entry == ERROR ? DeliveryMode.FIXED : deliveryMode(value)) {
      case DeliveryMode.FIXED -> {
        if (isPin && (value & LEVEL) != 0) {
          entries[entry] |= REMOTE_IRR;
        }
        target.fixed(value & 0xFF);
      }
      case DeliveryMode.NMI -> target.nonMaskable();
      default -> {}
    }
  }

  /** Ends level-triggered interrupts of the pins, which come again while their wire is asserted. */
  void endOfInterrupt(int vector) {
    for (int entry = LINT0; entry <= LINT1; entry++) {
      int value = entries[entry];
      if ((value & REMOTE_IRR) != 0 && (value & 0xFF) == vector) {
        entries[entry] &= ~REMOTE_IRR;
        if (isAsserted(entry)) {
          trigger(entry);
        }
      }
    }
  }

  void save(StateWriter out) {
    out.writeInts(entries);
    out.writeBoolean(lint0Asserted);
    out.writeBoolean(lint1Asserted);
  }

  void restore(StateReader in) {
    in.readInts(entries);
    lint0Asserted = in.readBoolean();
    lint1Asserted = in.readBoolean();
  }
}
