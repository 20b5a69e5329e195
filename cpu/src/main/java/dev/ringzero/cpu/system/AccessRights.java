package dev.ringzero.cpu.system;

/**
 * Access rights of a segment as {@link dev.ringzero.engine.SegmentState#accessRights()} lays them
 * out, and the types that descriptors can have.
 *
 * @spec Intel SDM Vol. 3A, "Segment Descriptors"; "System Descriptor Types"
 */
public final class AccessRights {
  public static final int TYPE = 0xF; // Type
  public static final int ACCESSED = 1 << 0; // code and data: Accessed
  public static final int WRITABLE = 1 << 1; // data: Writable
  public static final int READABLE = 1 << 1; // code: Readable
  public static final int EXPAND_DOWN = 1 << 2; // data: Expansion Direction
  public static final int CONFORMING = 1 << 2; // code: Conforming
  public static final int CODE = 1 << 3; // Executable
  public static final int S = 1 << 4; // Descriptor Type: code or data
  public static final int P = 1 << 7; // Segment Present
  public static final int L = 1 << 13; // 64-bit Code Segment
  public static final int DB = 1 << 14; // Default Operation Size, Big
  public static final int G = 1 << 15; // Granularity
  public static final int UNUSABLE = 1 << 16; // as in the VMCS

  public static final int TSS_16_AVAILABLE = 0x1;
  public static final int LDT = 0x2;
  public static final int TSS_16_BUSY = 0x3;
  public static final int CALL_GATE_16 = 0x4;
  public static final int TASK_GATE = 0x5;
  public static final int INTERRUPT_GATE_16 = 0x6;
  public static final int TRAP_GATE_16 = 0x7;
  public static final int TSS_AVAILABLE = 0x9;
  public static final int TSS_BUSY = 0xB;
  public static final int CALL_GATE = 0xC;
  public static final int INTERRUPT_GATE = 0xE;
  public static final int TRAP_GATE = 0xF;

  /** The bit in which busy and available TSS types differ. */
  public static final int BUSY = 0x2;

  public static final int REAL_MODE_DATA = 0x93;
  public static final int REAL_MODE_CODE = 0x9B;
  public static final int VIRTUAL_8086 = 0xF3;
  public static final int FLAT_CODE_64 = 0xA09B;
  public static final int FLAT_CODE_32 = 0xC09B;
  public static final int FLAT_DATA = 0xC093;

  private AccessRights() {}

  public static int dpl(int access) {
    return access >> 5 & 3;
  }

  static int withDpl(int access, int dpl) {
    return access & ~0x60 | dpl << 5;
  }

  public static boolean usable(int access) {
    return (access & (UNUSABLE | P)) == P;
  }
}
