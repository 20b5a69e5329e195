package dev.ringzero.engine;

/**
 * A segment register with its hidden part.
 *
 * @param selector 16 bits
 * @param base linear address
 * @param limit in bytes, granularity applied
 * @param accessRights bits 7:0 and 15:12 as in the second descriptor doubleword shifted right by 8
 *     (type, S, DPL, P, AVL, L, D/B, G); bit 16 set means unusable, as in the VMCS
 */
public record SegmentState(int selector, long base, long limit, int accessRights) {
  /** The "unusable" bit of {@link #accessRights}. */
  public static final int UNUSABLE = 1 << 16;

  /** Numbers by which vCPUs name segment registers. */
  public static final int ES = 0,
      CS = 1,
      SS = 2,
      DS = 3,
      FS = 4,
      GS = 5,
      LDTR = 6,
      TR = 7,
      GDTR = 8,
      IDTR = 9;
}
