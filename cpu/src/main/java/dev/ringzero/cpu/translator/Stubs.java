package dev.ringzero.cpu.translator;

import static dev.ringzero.cpu.translator.Assembler.R13;
import static dev.ringzero.cpu.translator.Assembler.R14;
import static dev.ringzero.cpu.translator.Assembler.R15;
import static dev.ringzero.cpu.translator.Assembler.RAX;
import static dev.ringzero.cpu.translator.Assembler.RSP;

import dev.ringzero.x86.Rflags;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The code that all translations share: the way in, the ways out, the second-level TLB, the jump
 * cache. Emitted once at the start of the code memory.
 *
 * <p>While translated code runs, GS points to the {@link StateBlock}; host RSP is the native stack;
 * guest RAX to RDI but RSP are in the registers of their names, guest RSP is in host R12, guest R12
 * to R15 in host R8 to R11; R13 to R15 are scratch, and guest R8 to R11, of which compilers make
 * less use, stay in the state block.
 *
 * <p>On the host's stack lie, for each guest call since translated code was entered, the address in
 * it where its return goes on, and above that the guest's return address, which that return must
 * have found. Whatever leaves, or changes the mode, drops them all.
 */
final class Stubs {
  private static final int JNS = 9;

  /** How far calls may fill the host's stack. */
  private static final int STACK_BYTES = 1 << 14;

  private static final int REGISTERS = 16;

  private final Assembler code;

  /** Entry point for {@code long enter(long stateBlock)}. */
  final int enter;

  /** Where a return goes that nothing is known of; the bottom of the host's stack. */
  private final int unwound;

  /** Way out with the reason in R15; status flags are already in the state block or dead. */
  final int leave;

  /**
   * Loads the vector registers and returns; flags and R15 are lost. Where they are not in the state
   * block it leaves, to start the block at RIP_OFFSET again.
   */
  final int loadVectors;

  /** Where the signal net leads a thread whose translated code raised an exception. */
  final int fault;

  final SystemStubs system;
  final StringStubs strings;
  final ComparisonStubs comparisons;

  /** FLDCW of the word in R13. */
  final int loadX87Control;

  private final int[] jump = new int[TranslationMode.COUNT];
  private final int[] crossingJump = new int[TranslationMode.COUNT];

  /** Leaves with the address in R14, for a jump to another page that is not linked. */
  final int unlinked;

  /** Puts RFLAGS as PUSHF gives it into R13; flags are lost. */
  final int readFlags;

  private final int[] miss = new int[4 * View.values().length];
  private final int[] probe = new int[View.values().length];

  Stubs(Assembler code) {
    this.code = code;
    leave = emitLeave();
    loadVectors = emitLoadVectors();
    unwound = code.position();
    code.store(R14, StateBlock.TARGET);
    leaveWith(ExitKind.JUMP);
    enter = emitEnter();
    fault = code.position();
    leaveWith(ExitKind.FAULT);
    readFlags = emitReadFlags();
    for (TranslationMode mode : TranslationMode.ALL) {
      jump[mode.number()] = emitJump(mode, false);
      crossingJump[mode.number()] = emitJump(mode, true);
    }
    unlinked = code.position();
    code.store(R14, StateBlock.TARGET);
    leaveWith(ExitKind.CROSSING);
    system = new SystemStubs(code, this);
    for (View view : View.values()) {
      for (boolean write : new boolean[] {false, true}) {
        miss[number(view, write, true)] = emitMissOfSum(view, write);
        miss[number(view, write, false)] = emitMiss(view, write);
      }
      probe[view.ordinal()] = emitProbe(view);
    }
    strings = new StringStubs(code, this);
    comparisons = new ComparisonStubs(code, this, strings);
    loadX87Control = X87Stubs.emitLoadControl(code, this);
  }

  /**
   * Called (by a host call) when a check failed; returns where the second level has the page.
   *
   * @param inPlace whether the sum of address and tag is in R14, not in R13
   */
  int miss(View view, boolean write, boolean inPlace) {
    return miss[number(view, write, inPlace)];
  }

  /**
   * Called where the first level has no page to read for the address in R14, which has R15 as its
   * place there; returns with R13 zero if the second level has none either. Flags are lost.
   */
  int probe(View view) {
    return probe[view.ordinal()];
  }

  private static int number(View view, boolean write, boolean inPlace) {
    return 4 * view.ordinal() + (write ? 2 : 0) + (inPlace ? 1 : 0);
  }

  /** Looks the target in R14 up and jumps to its code of this mode; flags are lost. */
  int jump(TranslationMode mode) {
    return jump[mode.number()];
  }

  /** As {@link #jump}; enters the page into the code TLB too. */
  int crossingJump(TranslationMode mode) {
    return crossingJump[mode.number()];
  }

  /** Positions that do not return when they are called. */
  Set<Integer> jumps() {
    Set<Integer> jumps = new HashSet<>(List.of(leave, unlinked));
    for (TranslationMode mode : TranslationMode.ALL) {
      jumps.add(jump(mode));
      jumps.add(crossingJump(mode));
    }
    return jumps;
  }

  /** Positions that blocks may jump to or call. */
  Set<Integer> entries() {
    Set<Integer> entries =
        new HashSet<>(List.of(leave, loadVectors, readFlags, unlinked, loadX87Control));
    for (int stub : miss) {
      entries.add(stub);
    }
    for (int stub : probe) {
      entries.add(stub);
    }
    for (TranslationMode mode : TranslationMode.ALL) {
      entries.add(jump(mode));
      entries.add(crossingJump(mode));
    }
    entries.addAll(system.entries());
    entries.addAll(strings.entries());
    entries.addAll(comparisons.entries());
    return entries;
  }

  private int emitEnter() {
    int start = code.position();
    code.bytes(0x53, 0x55); // push rbx, rbp
    code.bytes(0x41, 0x54, 0x41, 0x55); // push r12, r13
    code.bytes(0x41, 0x56, 0x41, 0x57); // push r14, r15
    code.bytes(0xF3, 0x48, 0x0F, 0xAE); // wrgsbase rdi
    code.bytes(0xDF);
    code.bytes(0x4C, 0x8D, 0x2D); // lea r13, [rip + ...]
    code.dword(unwound - (code.position() + 4));
    code.bytes(0x6A, -1); // push -1: what no return expects
    code.pushR13();
    code.store(RSP, StateBlock.HOST_RSP);
    code.lea(R13, RSP, Assembler.NONE, 0, -STACK_BYTES);
    code.store(R13, StateBlock.HOST_STACK_LIMIT);
    X87Stubs.emitEnter(code);
    code.compareWithZero32(StateBlock.VECTORS_LOADED);
    code.bytes(0x74, 5); // je over the call
    code.call(loadVectors);
    for (int guest = 0; guest < REGISTERS; guest++) {
      if (!Displaced.inMemory(guest)) {
        code.load(Displaced.host(guest), Displaced.slot(guest));
      }
    }
    code.load(R14, StateBlock.TARGET);
    code.jumpThrough(StateBlock.RESUME);
    return start;
  }

  private int emitLeave() {
    int start = code.position();
    for (int guest = 0; guest < REGISTERS; guest++) {
      if (!Displaced.inMemory(guest)) {
        code.store(Displaced.host(guest), Displaced.slot(guest));
      }
    }
    code.load(RSP, StateBlock.HOST_RSP);
    code.release(16);
    X87Stubs.emitLeave(code);
    code.compareWithZero32(StateBlock.VECTORS_LOADED);
    code.jumpIf(4, 0); // je over
    int over = code.position() - 4;
    moveVectors(0x7F);
    code.gs(0, 0xAE0F, 3, StateBlock.MXCSR); // stmxcsr
    code.gs(0, 0xAE0F, 2, StateBlock.HOST_MXCSR); // ldmxcsr
    code.bytes(0xC5, 0xF8, 0x77); // vzeroupper
    code.patch(over, code.position());
    code.move(RAX, R15);
    code.bytes(0x41, 0x5F, 0x41, 0x5E); // pop r15, r14
    code.bytes(0x41, 0x5D, 0x41, 0x5C); // pop r13, r12
    code.bytes(0x5D, 0x5B, 0xC3); // pop rbp, rbx; ret
    return start;
  }

  private int emitLoadVectors() {
    int absent = code.position();
    leaveWith(ExitKind.VECTORS);
    int start = code.position();
    code.compareWithZero32(StateBlock.VECTORS_CURRENT);
    code.jumpIf(4, absent); // je
    code.storeImmediate32(1, StateBlock.VECTORS_LOADED);
    code.gs(0, 0xAE0F, 3, StateBlock.HOST_MXCSR); // stmxcsr
    code.gs(0, 0xAE0F, 2, StateBlock.MXCSR); // ldmxcsr
    moveVectors(0x6F);
    code.bytes(0xC3);
    return start;
  }

  /** {@code vmovdqu} of all sixteen YMM registers: opcode 6F loads, 7F stores. */
  private void moveVectors(int opcode) {
    for (int register = 0; register < 16; register++) {
      code.bytes(0x65, 0xC5, register < 8 ? 0xFE : 0x7E, opcode);
      code.bytes(Assembler.modrm(0, register, 4), 0x25);
      code.dword(StateBlock.VECTORS + 32 * register);
    }
  }

  private int emitReadFlags() {
    int start = code.position();
    code.bytes(0x9C); // pushfq
    code.bytes(0x41, 0x5D); // pop r13
    code.andImmediate32(R13, (int) Rflags.STATUS);
    code.gs(0x48, 0x0B, R13, StateBlock.SYSTEM_FLAGS); // or
    code.gs(0, 0x0B, R13, StateBlock.INTERRUPT_FLAG); // or, 32 bits: the high half is clear
    code.bytes(0xC3);
    return start;
  }

  private int emitJump(TranslationMode mode, boolean crossing) {
    int start = code.position();
    code.bytes(0x4D, 0x85, Assembler.modrm(3, R14, R14)); // test r14, r14
    code.jumpIf(JNS, 0);
    int lower = code.position() - 4;
    emitLookUp(mode, crossing, 8);
    code.patch(lower, code.position());
    emitLookUp(mode, crossing && mode.view() == View.USER, 0);
    return start;
  }

  /** The key is that of the half that R14 is in; it does not wait for R14. */
  private void emitLookUp(TranslationMode mode, boolean crossing, int half) {
    int key = StateBlock.JUMP_KEY + 16 * mode.number() + half;
    code.rotateRight32(R15, R14, 32 - StateBlock.ENTRY_SHIFT);
    code.rotateRight32(R13, R14, 12 - StateBlock.ENTRY_SHIFT);
    code.bytes(0x45, 0x31, 0xEF); // xor r15d, r13d
    code.load(R13, key);
    code.gs(0, 0x33, R15, StateBlock.JUMP_HASH + 16 * mode.number() + half); // xor r15d, hash
    code.andImmediate32(R15, StateBlock.JUMP_INDEX_MASK);
    emitProbe(mode, crossing);
    code.bytes(0x41, 0x83, 0xF7, StateBlock.ENTRY_BYTES); // xor r15d, 32: the other place
    emitProbe(mode, crossing);
    code.store(R14, StateBlock.TARGET);
    leaveWith(ExitKind.JUMP);
  }

  /** Jumps to the code of entry R15 of the jump cache if that is for R14 and R13. */
  private void emitProbe(TranslationMode mode, boolean crossing) {
    code.gsAt(0x3B, R14, R15, StateBlock.JUMP_TARGET); // cmp r14, target
    code.bytes(0x75, 0); // jne over
    int first = code.position();
    code.gsAt(0x3B, R13, R15, StateBlock.JUMP_ENTRY_KEY);
    code.bytes(0x75, 0); // jne over
    int second = code.position();
    if (crossing) {
      fillCodeTlb(mode);
    } else {
      code.bytes(0x65, 0x41, 0xFF, Assembler.modrm(2, 4, R15)); // jmp gs:[r15 + JUMP_CODE]
      code.dword(StateBlock.JUMP_CODE);
    }
    code.patchByte(first - 1, code.position() - first);
    code.patchByte(second - 1, code.position() - second);
  }

  /** Enters the page of entry R15 of the jump cache, whose target is R14, and goes there. */
  private void fillCodeTlb(TranslationMode mode) {
    code.gsAt(0x8B, R13, R15, StateBlock.JUMP_CODE);
    code.store(R13, StateBlock.SCRATCH + 8);
    code.gsAt(0x8B, R13, R15, StateBlock.JUMP_PAGE);
    code.rotateRight32(R15, R14, 12 - StateBlock.CODE_SHIFT);
    code.andImmediate32(R15, StateBlock.CODE_INDEX_MASK);
    code.gsAt(0x89, R13, R15, mode.codeTlb() + StateBlock.CODE_PAGE);
    code.move(R13, R14);
    code.bytes(0x49, 0x81, Assembler.modrm(3, 4, R13)); // and r13, ~0xFFF
    code.dword(-4096);
    code.gs(0x48, 0x03, R13, mode.view().codeKey()); // add r13, key
    code.gsAt(0x89, R13, R15, mode.codeTlb());
    code.jumpThrough(StateBlock.SCRATCH + 8);
  }

  /** Leaves with this reason. */
  void leaveWith(ExitKind kind) {
    code.moveImmediate32(R15, kind.ordinal());
    code.jump(leave);
  }

  /** R14 is the address plus the tag; goes on to what is emitted next. */
  private int emitMissOfSum(View view, boolean write) {
    int start = code.position();
    code.move(R13, R14);
    code.gsAt(0x2B, R14, R15, view.tlb() + (write ? StateBlock.WRITE_TAG : StateBlock.READ_TAG));
    return start;
  }

  /** R14 is the address, R13 that plus the first-level tag, R15 the place in the first level. */
  private int emitMiss(View view, boolean write) {
    int start = code.position();
    code.store(R14, StateBlock.TARGET);
    code.compareImmediate(R13, 4095);
    code.jumpIf(6, 0); // jbe: the page is there, but the access goes beyond its end
    int crossing = code.position() - 4;
    searchSecondLevel(view, write);
    code.patch(crossing, code.position());
    leaveWith(write ? ExitKind.WRITE_MISS : ExitKind.READ_MISS);
    return start;
  }

  private int emitProbe(View view) {
    int start = code.position();
    searchSecondLevel(view, false);
    code.bytes(0x45, 0x31, Assembler.modrm(3, R13, R13)); // xor r13d, r13d
    code.bytes(0xC3);
    return start;
  }

  /**
   * Returns to the caller, with R13 not zero, where the second level has the page of the address in
   * R14; goes on to what is emitted next where it has not.
   */
  private void searchSecondLevel(View view, boolean write) {
    code.store(RAX, StateBlock.SCRATCH);

    code.move(R13, R14);
    code.bytes(0x49, 0xC1, 0xED, 63); // shr r13, 63
    code.move(RAX, R14);
    code.bytes(0x48, 0x25); // and rax, ~0xFFF
    code.dword(-4096);
    code.bytes(0x65, 0x4A, 0x03, Assembler.modrm(0, RAX, 4)); // add rax, gs:[r13 * 8 + SPACE_KEY]
    code.bytes(3 << 6 | 5 << 3 | 5);
    code.dword(StateBlock.SPACE_KEY + 16 * view.ordinal());

    code.bytes(0x49, 0xBD); // mov r13, imm64
    code.dword((int) StateBlock.L2_HASH);
    code.dword((int) (StateBlock.L2_HASH >> 32));
    code.bytes(0x4C, 0x0F, 0xAF, 0xE8); // imul r13, rax
    code.bytes(0x49, 0xC1, 0xED, 64 - StateBlock.L2_BITS); // shr r13
    code.bytes(0x41, 0xC1, 0xE5, StateBlock.ENTRY_SHIFT); // shl r13d, 5
    code.gsAt(0x3B, RAX, R13, StateBlock.L2); // cmp rax, tag
    code.bytes(0x75, 0); // jne missing
    int first = code.position();
    // the tag asked for must be a real one: address + tag is an offset in the page
    loadEntry(RAX, write ? 16 : 8);
    code.bytes(0x4C, 0x01, 0xF0); // add rax, r14
    code.bytes(0x48, 0x3D); // cmp rax, 4095
    code.dword(4095);
    code.bytes(0x77, 0); // ja missing
    int second = code.position();
    copyEntry(8, view.tlb() + StateBlock.READ_TAG);
    copyEntry(16, view.tlb() + StateBlock.WRITE_TAG);
    copyEntry(24, view.tlb() + StateBlock.HOST_PAGE);
    code.bytes(0x44, 0x89, Assembler.modrm(3, R15, RAX)); // mov eax, r15d
    code.bytes(0xC1, Assembler.modrm(3, 5, RAX), StateBlock.GROUP_SHIFT); // shr eax
    code.bytes(0x65, 0xC6, Assembler.modrm(2, 0, RAX)); // mov byte gs:[rax + groups], 1
    code.dword(StateBlock.GROUPS_USED + StateBlock.GROUPS * view.ordinal());
    code.bytes(1);
    code.subtract64(-1, StateBlock.SECOND_LEVEL_HITS);
    code.load(RAX, StateBlock.SCRATCH);
    code.moveImmediate32(R13, 1);
    code.bytes(0xC3);

    code.patchByte(first - 1, code.position() - first);
    code.patchByte(second - 1, code.position() - second);
    code.load(RAX, StateBlock.SCRATCH);
  }

  /** {@code mov register, gs:[r13 + L2 + offset]}. */
  private void loadEntry(int register, int offset) {
    code.gsAt(0x8B, register, R13, StateBlock.L2 + offset);
  }

  private void copyEntry(int offset, int firstLevel) {
    loadEntry(RAX, offset);
    code.gsAt(0x89, RAX, R15, firstLevel);
  }
}
