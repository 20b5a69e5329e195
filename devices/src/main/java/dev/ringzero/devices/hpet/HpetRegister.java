package dev.ringzero.devices.hpet;

/**
 * Registers of the HPET and their bits.
 *
 * @spec IA-PC HPET Specification 1.0a, "Register Definitions"
 */
final class HpetRegister {
  static final int GCAP_ID = 0x000; // General Capabilities and ID
  static final int GEN_CONF = 0x010; // General Configuration
  static final int GINTR_STA = 0x020; // General Interrupt Status
  static final int MAIN_CNT = 0x0F0; // Main Counter Value
  static final int TIMERS = 0x100; // three registers a timer
  static final int TIMER_STRIDE = 0x20;
  static final int TIMER_CONF = 0x00; // Timer n Configuration and Capabilities
  static final int TIMER_COMPARATOR = 0x08;
  static final int TIMER_FSB = 0x10; // FSB Interrupt Route

  static final long COUNT_SIZE_CAP = 1 << 13;

  static final long ENABLE_CNF = 1 << 0;

  static final long INT_TYPE_CNF = 1 << 1; // level-triggered
  static final long INT_ENB_CNF = 1 << 2;
  static final long TYPE_CNF = 1 << 3; // periodic
  static final long PER_INT_CAP = 1 << 4;
  static final long SIZE_CAP = 1 << 5; // 64 bits
  static final long VAL_SET_CNF = 1 << 6;
  static final long MODE_32_CNF = 1 << 8;
  static final int INT_ROUTE_SHIFT = 9;
  static final long INT_ROUTE_CNF = 0x1F << INT_ROUTE_SHIFT;
  static final long FSB_EN_CNF = 1 << 14;
  static final long FSB_INT_DEL_CAP = 1 << 15;

  private HpetRegister() {}
}
