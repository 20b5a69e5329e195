package dev.ringzero.devices.serial;

/**
 * Registers of the 16550A and their bits.
 *
 * @spec National Semiconductor PC16550D datasheet, "Register Description"
 */
final class SerialRegister {
  static final int DATA = 0; // RBR, THR; DLL while DLAB
  static final int IER = 1; // Interrupt Enable; DLM while DLAB
  static final int IIR_FCR = 2; // Interrupt Identification, FIFO Control
  static final int LCR = 3; // Line Control
  static final int MCR = 4; // Modem Control
  static final int LSR = 5; // Line Status
  static final int MSR = 6; // Modem Status
  static final int SCR = 7; // Scratch

  static final int IER_ERBFI = 1 << 0; // Received Data Available
  static final int IER_ETBEI = 1 << 1; // Transmitter Holding Register Empty
  static final int IER_ELSI = 1 << 2; // Receiver Line Status
  static final int IER_EDSSI = 1 << 3; // Modem Status

  static final int IIR_NONE = 0x01;
  static final int IIR_MODEM_STATUS = 0x00;
  static final int IIR_THR_EMPTY = 0x02;
  static final int IIR_DATA = 0x04;
  static final int IIR_LINE_STATUS = 0x06;
  static final int IIR_TIMEOUT = 0x0C;
  static final int IIR_FIFOS = 0xC0;

  static final int FCR_ENABLE = 1 << 0;
  static final int FCR_CLEAR_RECEIVER = 1 << 1;
  static final int FCR_CLEAR_TRANSMITTER = 1 << 2;

  static final int LCR_BREAK = 1 << 6; // Set Break
  static final int LCR_DLAB = 1 << 7; // Divisor Latch Access Bit

  static final int MCR_DTR = 1 << 0;
  static final int MCR_RTS = 1 << 1;
  static final int MCR_OUT1 = 1 << 2;
  static final int MCR_OUT2 = 1 << 3; // lets interrupts through on a PC
  static final int MCR_LOOP = 1 << 4;

  static final int LSR_DR = 1 << 0; // Data Ready
  static final int LSR_OE = 1 << 1; // Overrun Error
  static final int LSR_BI = 1 << 4; // Break Interrupt
  static final int LSR_THRE = 1 << 5; // Transmitter Holding Register Empty
  static final int LSR_TEMT = 1 << 6; // Transmitter Empty
  static final int LSR_FIFO_ERROR = 1 << 7;

  static final int MSR_CTS = 1 << 4;
  static final int MSR_DSR = 1 << 5;
  static final int MSR_RI = 1 << 6;
  static final int MSR_DCD = 1 << 7;

  private SerialRegister() {}
}
