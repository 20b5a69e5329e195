package dev.ringzero.devices.iommu;

/**
 * Why a request was refused, with the specification's numbers.
 *
 * @spec Intel VT-d 4.1, "Fault Reason Encodings"
 */
enum Fault {
  ROOT_NOT_PRESENT(0x1),
  CONTEXT_NOT_PRESENT(0x2),
  CONTEXT_INVALID(0x3),
  ADDRESS_BEYOND_WIDTH(0x4),
  WRITE_REFUSED(0x5),
  READ_REFUSED(0x6),
  TABLE_UNREADABLE(0x7),
  ROOT_TABLE_UNREADABLE(0x8),
  CONTEXT_TABLE_UNREADABLE(0x9),
  ROOT_RESERVED(0xA),
  CONTEXT_RESERVED(0xB),
  ENTRY_RESERVED(0xC),
  INTERRUPT_INDEX(0x21),
  INTERRUPT_NOT_PRESENT(0x22),
  INTERRUPT_TABLE_UNREADABLE(0x23),
  INTERRUPT_RESERVED(0x24),
  INTERRUPT_COMPATIBILITY(0x25),
  INTERRUPT_SOURCE(0x26);

  private final int reason;

  Fault(int reason) {
    this.reason = reason;
  }

  int reason() {
    return reason;
  }
}
