package dev.ringzero.cpu.translator;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.system.Segmentation;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.Rflags;
import java.lang.foreign.MemorySegment;

/**
 * What translated code knows of its vCPU: host memory that GS points to while it runs. General
 * registers, status flags and the address of the code page go in and out at every entry and exit;
 * vector registers only when translated code has loaded them.
 *
 * <pre>
 *   0x000  general registers 0..15
 *   0x080  scalars (below)
 *   0x200  vector registers 0..15, 32 bytes each
 *   0x400  more scalars
 *   0x800  x87 and MMX registers, as XSAVE has them
 *   0xC00  jump cache: target, key, host address, number of the page
 *  ....... code TLBs, one per {@link TranslationMode}: tag, number of the page
 *  ....... first-level TLBs, one per {@link View}: read tag, write tag, host page
 *  ....... second-level TLB: tag, read tag, write tag, host page
 * </pre>
 */
final class StateBlock {
  static final int GPR = 0;
  static final int PAGE_BASE = 0x80; // linear address of the page that the running code lies in
  static final int RESUME = 0x88; // host address at which an entry begins
  static final int RIP_OFFSET = 0x90; // at an exit: guest RIP relative to PAGE_BASE (32 bits)
  static final int SITE = 0x98; // at an exit: number of the exit site (32 bits)
  static final int TARGET = 0xA0; // at an exit: linear address of a jump or of a missed access
  static final int ATTENTION = 0xA8; // not zero: leave at the next poll (32 bits)
  static final int FLAGS = 0xB0; // AH as LAHF gives it in bits 15:8, OF in bit 0 (16 bits)
  static final int VECTORS_CURRENT = 0xB8; // VECTORS and MXCSR hold the guest's (32 bits)
  static final int HOST_RSP = 0xC0;
  static final int HOST_MXCSR = 0xC8; // 32 bits
  static final int MXCSR = 0xCC; // the guest's, 32 bits
  static final int VECTORS_LOADED = 0xD0; // they go in and out with the others (32 bits)
  static final int X87_LOADED = 0xD4; // X87_IMAGE goes in and out with the others (32 bits)
  static final int FS_BASE = 0xD8;
  static final int GS_BASE = 0xE0;
  static final int SCRATCH = 0xE8; // three registers
  static final int SPACE_KEY = 0x100; // for each view: key of the lower, of the upper half
  static final int FAULT_EXIT = 0x130; // host address of the way out for the signal net
  static final int INTERRUPT_FLAG = 0x138; // RFLAGS.IF at its place (32 bits)
  static final int INTERRUPT_WAITS = 0x13C; // not zero: STI is for the interpreter (32 bits)
  static final int MODE = 0x140; // number of the TranslationMode that runs (32 bits)
  static final int CROSSED = 0x144; // not zero: SYSCALL or SYSRET ran, CS and SS are not set yet
  static final int SYSCALLS = 0x148; // not zero: SYSCALL and SYSRET may run natively (32 bits)
  static final int ACCESS_CONTROL = 0x14C; // not zero: CR4.SMAP, so that RFLAGS.AC has a meaning
  static final int SYSTEM_FLAGS = 0x150; // RFLAGS as PUSHF gives it, without IF and status flags
  static final int BIT_OF_32 = 0x158; // constants: masks of a bit's number in its operand
  static final int BIT_OF_64 = 0x160;
  static final int KERNEL_GS_BASE = 0x168;
  static final int LSTAR = 0x170;
  static final int FLAGS_KEPT = 0x178; // those that SYSCALL leaves alone
  static final int JUMP_KEY = 0x600; // for each mode: key of the lower, of the upper half
  static final int INSTRUCTIONS = 0x1E8; // run so far, where they are counted
  static final int ACCESSES = 0x1F0; // to memory so far, where they are counted
  static final int SECOND_LEVEL_HITS = 0x1F8; // of the TLB, so far

  static final int VECTORS = 0x200;
  static final int SELECTORS = 0x400; // of ES, CS, SS, DS, FS, GS (32 bits each)
  static final int BASES = 0x418; // not zero: RDFSBASE and its kin are enabled (32 bits)
  static final int HOST_STACK_LIMIT = 0x430; // of RSP: calls do not go deeper
  static final int CODE_KEY = 0x420; // key of user code, of a kernel's in the upper half
  static final int PAUSES_LEFT =
      0x438; // PAUSEs that run before one is for the interpreter (32 bits)
  static final int X87_PAGE = 0x440; // the last x87 instruction's place: this plus X87_OFFSET
  static final int X87_OFFSET = 0x448; // 32 bits
  static final int X87_DATA = 0x450; // the last operand's
  static final int X87_CONTROL = 0x458; // what FLDCW loads (32 bits)
  static final int HOST_X87_CONTROL = 0x45C; // 16 bits
  static final int SHADOW_OFFSET = 0x460; // RIP_OFFSET behind the last STI, or -1 (32 bits)
  static final int CONTROL_WORD = 0x464; // what LDMXCSR loads (32 bits)
  static final int STRING_SOURCE = 0x468; // RSI and RDI of a repeated comparison
  static final int STRING_DESTINATION = 0x470;
  static final int GROUPS_USED = 0x480; // for each view and group of its TLB a byte: not empty
  static final int JUMP_HASH = 0x700; // for each mode: what is mixed into indices, in both halves
  static final int JUMP_ENTRIES = 16384;
  static final int ENTRY_SHIFT = 5; // log2 of the size of an entry of any table
  static final int ENTRY_BYTES = 1 << ENTRY_SHIFT;
  static final int JUMP_INDEX_MASK = (JUMP_ENTRIES - 1) * ENTRY_BYTES;
  static final int X87_IMAGE = 0x800; // 576 bytes; scalars end here
  static final int JUMP_TABLE = 0xC00;
  static final int JUMP_TARGET = JUMP_TABLE;
  static final int JUMP_ENTRY_KEY = JUMP_TABLE + 8;
  static final int JUMP_CODE = JUMP_TABLE + 16;
  static final int JUMP_PAGE = JUMP_TABLE + 24;

  // Code TLBs, one for each mode: the tag is the linear page plus the key of its half.
  static final int CODE_TLB = JUMP_TABLE + JUMP_ENTRIES * ENTRY_BYTES;
  static final int CODE_ENTRIES = 1024;
  static final int CODE_SHIFT = 4; // log2 of the size of an entry
  static final int CODE_PAGE = 8; // in an entry: number of the translated page
  static final int CODE_INDEX_MASK = (CODE_ENTRIES - 1) << CODE_SHIFT;
  static final int CODE_TLB_BYTES = CODE_ENTRIES << CODE_SHIFT;

  static final int TLB = CODE_TLB + TranslationMode.COUNT * CODE_TLB_BYTES;
  static final int TLB_ENTRIES = 1024;
  static final int TLB_INDEX_MASK = (TLB_ENTRIES - 1) * ENTRY_BYTES;
  static final int READ_TAG = 0;
  static final int WRITE_TAG = 8;
  static final int HOST_PAGE = 16;
  static final int VIEW_BYTES = TLB_ENTRIES * ENTRY_BYTES;
  static final int GROUPS = 64;
  static final int GROUP_SHIFT = 9; // log2 of the size of a group
  static final int L2 = TLB + 3 * VIEW_BYTES;
  static final int L2_BITS = 15;
  static final int L2_ENTRIES = 1 << L2_BITS;
  static final long L2_HASH = 0x9E37_79B9_7F4A_7C15L;
  static final int SIZE = L2 + L2_ENTRIES * ENTRY_BYTES;

  /** Where the first whole page of tables begins. */
  private static final int TABLES = JUMP_TABLE + 4095 & -4096;

  private static final long CONDITION_BITS = 0xD5; // SF ZF AF PF CF as LAHF gives them
  private static final long MASKED_BY_SYSCALL =
      Rflags.STATUS | Rflags.IF | Rflags.TF | Rflags.DF | Rflags.AC | Rflags.NT;
  private static final int LAHF_SHIFT = 8;
  private static final int OF_SHIFT = 11;

  private final MemorySegment memory = HostCode.mapData(SIZE);

  StateBlock() {
    set(BIT_OF_32, 31);
    set(BIT_OF_64, 63);
  }

  /** Host address, for GS. */
  long address() {
    return memory.address();
  }

  long get(int offset) {
    return memory.get(JAVA_LONG, offset);
  }

  void set(int offset, long value) {
    memory.set(JAVA_LONG, offset, value);
  }

  int get32(int offset) {
    return memory.get(JAVA_INT, offset);
  }

  void set32(int offset, int value) {
    memory.set(JAVA_INT, offset, value);
  }

  int get8(int offset) {
    return memory.get(JAVA_BYTE, offset);
  }

  void set8(int offset, int value) {
    memory.set(JAVA_BYTE, offset, (byte) value);
  }

  /** Lets translated code leave at its next poll; called on any thread. */
  void attend() {
    JAVA_INT.varHandle().setVolatile(memory, (long) ATTENTION, 1);
  }

  /** Copies longs of an array in. */
  void copy(long[] source, int offset) {
    copy(source, 0, source.length, offset);
  }

  void copy(long[] source, int from, int count, int offset) {
    MemorySegment.copy(source, from, memory, JAVA_LONG, offset, count);
  }

  /** Lets all tables hold zeros, and costs the host no memory for them until they are used. */
  void discardTables() {
    HostCode.discard(memory.address() + TABLES, SIZE - TABLES);
    MemorySegment start = memory.asSlice(JUMP_TABLE, TABLES - JUMP_TABLE);
    start.fill((byte) 0);
  }

  /** Takes general registers, flags and segment bases from the CPU. */
  void loadGeneral(Cpu cpu) {
    MemorySegment.copy(cpu.gpr, 0, memory, JAVA_LONG, GPR, 16);
    long flags = Flags.status(cpu);
    set(FLAGS, (flags & CONDITION_BITS) << LAHF_SHIFT | flags >>> OF_SHIFT & 1);
    set32(INTERRUPT_FLAG, (int) (cpu.systemFlags & Rflags.IF));
    set32(INTERRUPT_WAITS, interruptWaits(cpu) ? 1 : 0);
    set(SYSTEM_FLAGS, cpu.systemFlags & ~(Rflags.IF | Rflags.RF | Rflags.VM));
    set(FS_BASE, cpu.segmentBase[Cpu.FS]);
    set(GS_BASE, cpu.segmentBase[Cpu.GS]);
    set(KERNEL_GS_BASE, cpu.system.kernelGsBase);
    set(LSTAR, cpu.system.lstar);
    set(FLAGS_KEPT, ~cpu.system.sfmask);
    set32(BASES, (int) (cpu.cr4 & Cr4.FSGSBASE));
    for (int segment = 0; segment < 6; segment++) {
      set32(SELECTORS + 4 * segment, cpu.selector[segment]);
    }
    set32(SYSCALLS, mayCall(cpu) ? 1 : 0);
    set32(ACCESS_CONTROL, (int) (cpu.cr4 & Cr4.SMAP));
  }

  private static boolean interruptWaits(Cpu cpu) {
    return cpu.interruptWaits || cpu.level != null && cpu.level.interruptWaits();
  }

  private static boolean mayCall(Cpu cpu) {
    return !cpu.eventsExit
        && (cpu.efer & Efer.SCE) != 0
        && (cpu.system.sfmask & MASKED_BY_SYSCALL) == MASKED_BY_SYSCALL
        && Segmentation.canonical(cpu.system.lstar);
  }

  /** Gives general registers and flags back to the CPU. */
  void storeGeneral(Cpu cpu) {
    MemorySegment.copy(memory, JAVA_LONG, GPR, cpu.gpr, 0, 16);
    long flags = get(FLAGS);
    Flags.status(cpu, flags >>> LAHF_SHIFT & CONDITION_BITS | (flags & 1) << OF_SHIFT);
    long others = cpu.systemFlags & (Rflags.RF | Rflags.VM);
    cpu.systemFlags = get(SYSTEM_FLAGS) | get32(INTERRUPT_FLAG) | others;
    cpu.segmentBase[Cpu.FS] = get(FS_BASE);
    cpu.segmentBase[Cpu.GS] = get(GS_BASE);
    cpu.system.kernelGsBase = get(KERNEL_GS_BASE);
  }

  /** Takes the vector registers and MXCSR from the CPU. */
  void loadVectors(Cpu cpu) {
    MemorySegment.copy(cpu.vector, 0, memory, JAVA_LONG, VECTORS, 64);
    set32(MXCSR, cpu.mxcsr);
  }

  /** Takes the x87 state from the CPU. */
  void loadX87(Cpu cpu) {
    X87Image.load(cpu.x87, memory);
    set32(X87_LOADED, 1);
  }

  /** Gives the x87 state back to the CPU. */
  void storeX87(Cpu cpu) {
    X87Image.store(cpu.x87, memory);
    set32(X87_LOADED, 0);
  }

  /** Gives the vector registers and MXCSR back to the CPU. */
  void storeVectors(Cpu cpu) {
    MemorySegment.copy(memory, JAVA_LONG, VECTORS, cpu.vector, 0, 64);
    cpu.mxcsr = get32(MXCSR);
  }
}
