package dev.ringzero.devices.iommu;

/**
 * Why a request was refused, with the specification's numbers.
 *
 * @spec Intel VT-d 4.1, "Fault Reason Encodings"
 */
enum Fault {
  ROOT_NOT_PRESENT(0x1, "the bus has no root entry"),
  CONTEXT_NOT_PRESENT(0x2, "the function has no context entry"),
  CONTEXT_INVALID(0x3, "the context entry is invalid"),
  ADDRESS_BEYOND_WIDTH(0x4, "the address is beyond the tables"),
  WRITE_REFUSED(0x5, "the page may not be written"),
  READ_REFUSED(0x6, "the page may not be read"),
  TABLE_UNREADABLE(0x7, "a page table is not in memory"),
  ROOT_TABLE_UNREADABLE(0x8, "the root table is not in memory"),
  CONTEXT_TABLE_UNREADABLE(0x9, "the context table is not in memory"),
  ROOT_RESERVED(0xA, "reserved bits in the root entry"),
  CONTEXT_RESERVED(0xB, "reserved bits in the context entry"),
  ENTRY_RESERVED(0xC, "reserved bits in a page-table entry"),
  INTERRUPT_INDEX(0x21, "the interrupt is beyond the table"),
  INTERRUPT_NOT_PRESENT(0x22, "the interrupt has no entry"),
  INTERRUPT_TABLE_UNREADABLE(0x23, "the interrupt table is not in memory"),
  INTERRUPT_RESERVED(0x24, "reserved bits in the interrupt entry"),
  INTERRUPT_COMPATIBILITY(0x25, "the interrupt is not remappable"),
  INTERRUPT_SOURCE(0x26, "the interrupt belongs to another function");

  private final int reason;
  private final String words;

  Fault(int reason, String words) {
    this.reason = reason;
    this.words = words;
  }

  int reason() {
    return reason;
  }

  String words() {
    return words;
  }
}
