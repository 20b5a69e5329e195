package dev.ringzero.devices.lapic;

/**
 * An interrupt message on its way to local APICs, packed into a long so that sending allocates
 * nothing: destination in bits 63:32, and below it the fields of the ICR's low word.
 *
 * @spec Intel SDM Vol. 3A, "Interrupt Command Register (ICR)"
 */
final class ApicMessage {
  /** A destination that addresses every APIC. */
  static final int BROADCAST = -1;

  static final long LOGICAL = 1L << 11; // Destination Mode
  static final long ASSERT = 1L << 14; // Level
  static final long LEVEL_TRIGGERED = 1L << 15; // Trigger Mode

  private ApicMessage() {}

  static int vector(long message) {
    return (int) message & 0xFF;
  }

  static int deliveryMode(long message) {
    return (int) (message >>> 8) & 7;
  }

  static boolean isLogical(long message) {
    return (message & LOGICAL) != 0;
  }

  static boolean isLevelTriggered(long message) {
    return (message & LEVEL_TRIGGERED) != 0;
  }

  /** An INIT message with level 0 only synchronized the arbitration IDs of old processors. */
  static boolean isInitDeassert(long message) {
    return deliveryMode(message) == DeliveryMode.INIT
        && (message & (ASSERT | LEVEL_TRIGGERED)) == LEVEL_TRIGGERED;
  }

  static int destination(long message) {
    return (int) (message >>> 32);
  }

  /** Puts an 8-bit destination of an xAPIC, IOAPIC or MSI in; 0xFF there addresses all. */
  static long withShortDestination(long lowWord, int destination) {
    long full = destination == 0xFF ? BROADCAST : destination;
    return full << 32 | lowWord & 0xFFFF_FFFFL;
  }
}
