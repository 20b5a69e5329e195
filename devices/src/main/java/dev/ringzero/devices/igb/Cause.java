package dev.ringzero.devices.igb;

/** Bits of ICR, ICS, IMS and IMC. */
final class Cause {
  static final int TXDW = 1 << 0; // Transmit Descriptor Written Back
  static final int LSC = 1 << 2; // Link Status Change
  static final int RXO = 1 << 6; // Receiver Overrun
  static final int RXDW = 1 << 7; // Receiver Descriptor Write Back
  static final int VMMB = 1 << 8; // VM Mailbox
  static final int MDAC = 1 << 9; // MDI/O Access Complete
  static final int DOUTSYNC = 1 << 28; // DMA Tx Out of Sync: also a function that misbehaves
  static final int DRSTA = 1 << 30; // Device Reset Asserted
  static final int INTA = 1 << 31; // Interrupt Asserted
  static final int ALL = 0x77D4_FBFD; // what there is to set

  private Cause() {}
}
