package dev.ringzero.kvm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.ringzero.engine.Register;
import dev.ringzero.engine.SegmentState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;

/**
 * General, segment and control registers of a vCPU: fetched when first asked for after an exit, and
 * given back before the next entry where they were changed.
 */
final class KvmRegisters {
  private static final long SREGS_EFER = sregs("efer");
  private static final long SREGS_APIC_BASE = sregs("apic_base");
  private static final String[] SEGMENT_NAMES = {
    "es", "cs", "ss", "ds", "fs", "gs", "ldt", "tr", "gdt", "idt"
  };

  private static final long LIMIT = segment("limit");
  private static final long SELECTOR = segment("selector");
  private static final long TYPE = segment("type");
  private static final long PRESENT = segment("present");
  private static final long DPL = segment("dpl");
  private static final long DB = segment("db");
  private static final long S = segment("s");
  private static final long L = segment("l");
  private static final long G = segment("g");
  private static final long AVL = segment("avl");
  private static final long UNUSABLE = segment("unusable");
  private static final long TABLE_LIMIT = 8;

  private final KvmFile file;
  private final MemorySegment regs = Arena.ofAuto().allocate(KvmLayouts.KVM_REGS);
  private final MemorySegment sregs = Arena.ofAuto().allocate(KvmLayouts.KVM_SREGS);
  private boolean regsKnown;
  private boolean regsChanged;
  private boolean sregsKnown;
  private boolean sregsChanged;

  KvmRegisters(KvmFile file) {
    this.file = file;
  }

  private static long sregs(String name) {
    return KvmLayouts.offset(KvmLayouts.KVM_SREGS, name);
  }

  private static long segment(String name) {
    return KvmLayouts.offset(KvmLayouts.KVM_SEGMENT, name);
  }

  /** The guest is about to run: what is known gets old. */
  void enter() {
    flush();
    regsKnown = false;
    sregsKnown = false;
  }

  /** Gives changed registers to KVM. */
  void flush() {
    if (sregsChanged) {
      file.call(Ioctl.KVM_SET_SREGS, sregs);
      sregsChanged = false;
    }
    if (regsChanged) {
      file.call(Ioctl.KVM_SET_REGS, regs);
      regsChanged = false;
    }
  }

  boolean changed() {
    return regsChanged || sregsChanged;
  }

  /** All zero, whatever they were. */
  void clear() {
    regs.fill((byte) 0);
    sregs.fill((byte) 0);
    regsKnown = true;
    sregsKnown = true;
    regsChanged = true;
    sregsChanged = true;
  }

  private MemorySegment regs() {
    if (!regsKnown) {
      file.call(Ioctl.KVM_GET_REGS, regs);
      regsKnown = true;
    }
    return regs;
  }

  private MemorySegment sregs() {
    if (!sregsKnown) {
      file.call(Ioctl.KVM_GET_SREGS, sregs);
      sregsKnown = true;
    }
    return sregs;
  }

  long read(Register register) {
    long offset = offset(register);
    return (isControl(register) ? sregs() : regs()).get(JAVA_LONG, offset);
  }

  void write(Register register, long value) {
    long offset = offset(register);
    if (isControl(register)) {
      sregs().set(JAVA_LONG, offset, value);
      sregsChanged = true;
    } else {
      regs().set(JAVA_LONG, offset, value);
      regsChanged = true;
    }
  }

  private static boolean isControl(Register register) {
    return switch (register) {
      case CR0, CR2, CR3, CR4, CR8 -> true;
      default -> false;
    };
  }

  private static long offset(Register register) {
    String name = register.name().toLowerCase(Locale.ROOT);
    return KvmLayouts.offset(
        isControl(register) ? KvmLayouts.KVM_SREGS : KvmLayouts.KVM_REGS, name);
  }

  long efer() {
    return sregs().get(JAVA_LONG, SREGS_EFER);
  }

  void efer(long value) {
    sregs().set(JAVA_LONG, SREGS_EFER, value);
    sregsChanged = true;
  }

  void apicBase(long value) {
    sregs().set(JAVA_LONG, SREGS_APIC_BASE, value);
    sregsChanged = true;
  }

  SegmentState segment(int number) {
    MemorySegment state = sregs().asSlice(sregs(SEGMENT_NAMES[number]));
    return isTable(number)
        ? new SegmentState(
            0, state.get(JAVA_LONG, 0), state.get(JAVA_SHORT, TABLE_LIMIT) & 0xFFFF, 0)
        : new SegmentState(
            state.get(JAVA_SHORT, SELECTOR) & 0xFFFF,
            state.get(JAVA_LONG, 0),
            state.get(JAVA_INT, LIMIT) & 0xFFFF_FFFFL,
            accessRights(state));
  }

  private static boolean isTable(int number) {
    return number == SegmentState.GDTR || number == SegmentState.IDTR;
  }

  private static int accessRights(MemorySegment state) {
    return state.get(JAVA_BYTE, TYPE)
        | state.get(JAVA_BYTE, S) << 4
        | state.get(JAVA_BYTE, DPL) << 5
        | state.get(JAVA_BYTE, PRESENT) << 7
        | state.get(JAVA_BYTE, AVL) << 12
        | state.get(JAVA_BYTE, L) << 13
        | state.get(JAVA_BYTE, DB) << 14
        | state.get(JAVA_BYTE, G) << 15
        | state.get(JAVA_BYTE, UNUSABLE) << 16;
  }

  void segment(int number, SegmentState value) {
    MemorySegment state = sregs().asSlice(sregs(SEGMENT_NAMES[number]));
    state.set(JAVA_LONG, 0, value.base());
    if (isTable(number)) {
      state.set(JAVA_SHORT, TABLE_LIMIT, (short) value.limit());
    } else {
      state.set(JAVA_INT, LIMIT, (int) value.limit());
      state.set(JAVA_SHORT, SELECTOR, (short) value.selector());
      accessRights(state, value.accessRights());
    }
    sregsChanged = true;
  }

  private static void accessRights(MemorySegment state, int rights) {
    state.set(JAVA_BYTE, TYPE, (byte) (rights & 15));
    state.set(JAVA_BYTE, S, bit(rights, 4));
    state.set(JAVA_BYTE, DPL, (byte) (rights >> 5 & 3));
    state.set(JAVA_BYTE, PRESENT, bit(rights, 7));
    state.set(JAVA_BYTE, AVL, bit(rights, 12));
    state.set(JAVA_BYTE, L, bit(rights, 13));
    state.set(JAVA_BYTE, DB, bit(rights, 14));
    state.set(JAVA_BYTE, G, bit(rights, 15));
    state.set(JAVA_BYTE, UNUSABLE, bit(rights, 16));
  }

  private static byte bit(int value, int number) {
    return (byte) (value >> number & 1);
  }
}
