package dev.ringzero.devices.lapic;

/**
 * Numbers of the local APIC's registers: the offset in the xAPIC page divided by 16, which is also
 * the distance from {@link #X2APIC_MSR} in x2APIC mode.
 *
 * @spec Intel SDM Vol. 3A, "Local APIC Register Address Map"
 */
final class ApicRegister {
  static final int X2APIC_MSR = 0x800;

  static final int ID = 0x02; // Local APIC ID
  static final int VERSION = 0x03; // Local APIC Version
  static final int TPR = 0x08; // Task Priority
  static final int APR = 0x09; // Arbitration Priority
  static final int PPR = 0x0A; // Processor Priority
  static final int EOI = 0x0B; // End Of Interrupt
  static final int LDR = 0x0D; // Logical Destination
  static final int DFR = 0x0E; // Destination Format
  static final int SVR = 0x0F; // Spurious Interrupt Vector
  static final int ISR = 0x10; // In-Service, eight words
  static final int TMR = 0x18; // Trigger Mode, eight words
  static final int IRR = 0x20; // Interrupt Request, eight words
  static final int ESR = 0x28; // Error Status
  static final int ICR_LOW = 0x30; // Interrupt Command
  static final int ICR_HIGH = 0x31; // Interrupt Command, destination
  static final int LVT_TIMER = 0x32;
  static final int LVT_THERMAL = 0x33;
  static final int LVT_PERFORMANCE = 0x34;
  static final int LVT_LINT0 = 0x35;
  static final int LVT_LINT1 = 0x36;
  static final int LVT_ERROR = 0x37;
  static final int INITIAL_COUNT = 0x38;
  static final int CURRENT_COUNT = 0x39;
  static final int DIVIDE = 0x3E; // Divide Configuration
  static final int SELF_IPI = 0x3F; // x2APIC only

  private ApicRegister() {}
}
