package dev.ringzero.cpu.system;

/**
 * Fields of an eight-byte descriptor, held in a {@code long} as it lies in memory.
 *
 * <pre>
 * 63      56 55 54 53 52 51    48 47 46 45 44 43   40 39      32 31          16 15           0
 * | base    | G |DB| L|AVL| limit | P| DPL | S | type | base    | base 15:0     | limit 15:0  |
 * | offset 31:16                  | P| DPL | 0 | type | 0 count | selector      | offset 15:0 |
 * </pre>
 *
 * @spec Intel SDM Vol. 3A, "Segment Descriptors"; "Call Gates"; "IDT Descriptors"
 */
final class Descriptor {
  private Descriptor() {}

  static long base(long descriptor) {
    return descriptor >>> 16 & 0xFF_FFFF | descriptor >>> 32 & 0xFF00_0000L;
  }

  /** The limit in bytes, granularity applied. */
  static long limit(long descriptor) {
    long limit = descriptor & 0xFFFF | descriptor >>> 32 & 0xF_0000;
    return (access(descriptor) & AccessRights.G) != 0 ? limit << 12 | 0xFFF : limit;
  }

  /** Access rights as {@link AccessRights} has them. */
  static int access(long descriptor) {
    return (int) (descriptor >>> 40) & 0xF0FF;
  }

  static int type(long descriptor) {
    return (int) (descriptor >>> 40) & AccessRights.TYPE;
  }

  static int dpl(long descriptor) {
    return (int) (descriptor >>> 45) & 3;
  }

  static boolean present(long descriptor) {
    return (descriptor >>> 47 & 1) != 0;
  }

  /** A system segment or gate, not code or data. */
  static boolean system(long descriptor) {
    return (descriptor >>> 44 & 1) == 0;
  }

  static boolean code(long descriptor) {
    return (access(descriptor) & (AccessRights.S | AccessRights.CODE))
        == (AccessRights.S | AccessRights.CODE);
  }

  static boolean conforming(long descriptor) {
    return (access(descriptor) & AccessRights.CONFORMING) != 0;
  }

  static boolean writableData(long descriptor) {
    return (access(descriptor) & (AccessRights.S | AccessRights.CODE | AccessRights.WRITABLE))
        == (AccessRights.S | AccessRights.WRITABLE);
  }

  static boolean readable(long descriptor) {
    return (access(descriptor) & AccessRights.CODE) == 0
        || (access(descriptor) & AccessRights.READABLE) != 0;
  }

  /** 64-bit code: L set. */
  static boolean longCode(long descriptor) {
    return (access(descriptor) & AccessRights.L) != 0;
  }

  /** L and D/B both set, which is reserved. */
  static boolean reservedSize(long descriptor) {
    int both = AccessRights.L | AccessRights.DB;
    return (access(descriptor) & both) == both;
  }

  static int gateSelector(long gate) {
    return (int) (gate >>> 16) & 0xFFFF;
  }

  /** Offset of a gate; that of a 16-bit gate has its upper half clear by the caller's mask. */
  static long gateOffset(long gate) {
    return gate & 0xFFFF | gate >>> 32 & 0xFFFF_0000L;
  }
}
