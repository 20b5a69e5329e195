package dev.ringzero.devices.rtc;

/**
 * Registers of the MC146818 and their bits.
 *
 * @spec Motorola MC146818 datasheet, "Registers"
 */
final class RtcRegister {
  static final int SECONDS = 0x00;
  static final int SECONDS_ALARM = 0x01;
  static final int MINUTES = 0x02;
  static final int MINUTES_ALARM = 0x03;
  static final int HOURS = 0x04;
  static final int HOURS_ALARM = 0x05;
  static final int DAY_OF_WEEK = 0x06;
  static final int DATE_OF_MONTH = 0x07;
  static final int MONTH = 0x08;
  static final int YEAR = 0x09;
  static final int A = 0x0A;
  static final int B = 0x0B;
  static final int C = 0x0C;
  static final int D = 0x0D;
  static final int CENTURY = 0x32;

  static final int A_UIP = 1 << 7; // Update In Progress
  static final int A_RATE = 0xF; // Rate Selection
  static final int A_DIVIDER = 0x70;
  static final int A_DIVIDER_32KHZ = 0x20;

  static final int B_24_HOURS = 1 << 1;
  static final int B_DM = 1 << 2; // Data Mode: binary
  static final int B_UIE = 1 << 4; // Update-ended Interrupt Enable
  static final int B_AIE = 1 << 5; // Alarm Interrupt Enable
  static final int B_PIE = 1 << 6; // Periodic Interrupt Enable
  static final int B_SET = 1 << 7;

  static final int C_UF = 1 << 4; // Update-ended Interrupt Flag
  static final int C_AF = 1 << 5; // Alarm Interrupt Flag
  static final int C_PF = 1 << 6; // Periodic Interrupt Flag
  static final int C_IRQF = 1 << 7; // Interrupt Request Flag

  static final int D_VRT = 1 << 7; // Valid RAM and Time

  private RtcRegister() {}
}
