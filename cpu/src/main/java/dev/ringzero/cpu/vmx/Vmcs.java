package dev.ringzero.cpu.vmx;

import dev.ringzero.memory.GuestMemory;
import dev.ringzero.x86.vmx.VmcsField;
import java.util.Arrays;

/**
 * The fields of the current virtual-machine control structure, which the processor keeps to itself
 * while it is current; in memory it is one page of our own layout:
 *
 * <pre>
 *   0  revision identifier (32 bits) | VMX-abort indicator (32 bits)
 *   8  launch state: 1 if launched
 *  16  unused
 * 256  eight bytes for each field, by width and type (32 fields each) and index
 * </pre>
 *
 * @spec Intel SDM Vol. 3C, "Format of the VMCS Region"
 */
final class Vmcs {
  /** What the first word of a region must hold. */
  static final int REVISION = 0x525A_0001;

  /** Bit 31 of the first word: the region is a shadow VMCS. */
  static final int SHADOW = 1 << 31;

  static final int REGION_BYTES = 4096;

  /** The highest index of a field, as IA32_VMX_VMCS_ENUM tells it. */
  static final int MAX_INDEX = 0x19;

  private static final int SLOTS = REGION_BYTES / 8;
  private static final int LAUNCH_STATE = 1; // slot
  private static final int ABSORBED_BITS = 0x6C00 | 0x3E | 1; // all bits that an encoding can have
  private static final int[] USED_SLOTS = usedSlots();
  private static final boolean[] EXISTS = exists();

  private final long[] data = new long[SLOTS];

  /** Place of a field: the group without fields, 16-bit read-only ones, is where the header is. */
  private static int slot(int encoding) {
    int group = encoding >>> 11 & 0xC | encoding >>> 10 & 3;
    return (group ^ 1) << 5 | encoding >>> 1 & 0x1F;
  }

  private static int[] usedSlots() {
    return Arrays.stream(VmcsField.all()).map(Vmcs::slot).toArray();
  }

  private static boolean[] exists() {
    boolean[] exists = new boolean[SLOTS];
    for (int slot : USED_SLOTS) {
      exists[slot] = true;
    }
    return exists;
  }

  /** Whether there is a field of this encoding; the upper half of a 64-bit field is one. */
  static boolean exists(long encoding) {
    boolean high = (encoding & 1) != 0;
    return (encoding & ~(long) ABSORBED_BITS) == 0
        && EXISTS[slot((int) encoding)]
        && (!high || VmcsField.widthBytes((int) encoding) == 8);
  }

  /** Offset of a field in its region. */
  static long offset(int encoding) {
    return 8L * slot(encoding);
  }

  long get(int field) {
    return data[slot(field)];
  }

  int get32(int field) {
    return (int) data[slot(field)];
  }

  void set(int field, long value) {
    data[slot(field)] = value;
  }

  /** Sets a field of 32 bits or less. */
  void set32(int field, int value) {
    data[slot(field)] = value & 0xFFFF_FFFFL;
  }

  /** VMREAD: the field, or a half of it, zero-extended. */
  long read(int encoding) {
    return half(encoding, data[slot(encoding)]);
  }

  /** Of the value in a field's slot, what an encoding names. */
  static long half(int encoding, long value) {
    return (encoding & 1) != 0 ? value >>> 32 : value;
  }

  /** VMWRITE: the field, or the upper half of it, cut to its width. */
  void write(int encoding, long value) {
    int slot = slot(encoding);
    data[slot] = merged(encoding, data[slot], value);
  }

  /** What the slot of a field holds after a write. */
  static long merged(int encoding, long old, long value) {
    if ((encoding & 1) != 0) {
      return value << 32 | old & 0xFFFF_FFFFL;
    }
    return switch (VmcsField.widthBytes(encoding)) {
      case 2 -> value & 0xFFFF;
      case 4 -> value & 0xFFFF_FFFFL;
      default -> value;
    };
  }

  boolean launched() {
    return data[LAUNCH_STATE] != 0;
  }

  void launched(boolean launched) {
    data[LAUNCH_STATE] = launched ? 1 : 0;
  }

  /** Whether the current region is a shadow VMCS. */
  boolean shadow() {
    return (data[0] & SHADOW) != 0;
  }

  /** Takes a region in. */
  void load(GuestMemory memory, long gpa) {
    data[0] = memory.read64(gpa);
    data[LAUNCH_STATE] = memory.read64(gpa + 8 * LAUNCH_STATE);
    for (int slot : USED_SLOTS) {
      data[slot] = memory.read64(gpa + 8L * slot);
    }
  }

  /** Writes the region out; its first word is software's. */
  void store(GuestMemory memory, long gpa) {
    memory.write64(gpa + 8 * LAUNCH_STATE, data[LAUNCH_STATE]);
    for (int slot : USED_SLOTS) {
      memory.write64(gpa + 8L * slot, data[slot]);
    }
  }

  /** Marks the region of a VMCS that is not current as not launched. */
  static void clear(GuestMemory memory, long gpa) {
    memory.write64(gpa + 8 * LAUNCH_STATE, 0);
  }

  /** Everything, as state to save and restore. */
  long[] state() {
    return data;
  }
}
