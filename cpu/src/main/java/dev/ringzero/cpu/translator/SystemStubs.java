package dev.ringzero.cpu.translator;

import static dev.ringzero.cpu.translator.Assembler.R13;
import static dev.ringzero.cpu.translator.Assembler.R14;
import static dev.ringzero.cpu.translator.Assembler.R15;
import static dev.ringzero.cpu.translator.Assembler.RCX;
import static dev.ringzero.cpu.translator.Assembler.RSP;

import dev.ringzero.x86.Rflags;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * SYSCALL, SYSRET, STAC and CLAC, and what reads or writes flags and control registers in between:
 * they go on in another mode without leaving translated code. Each comes with the address of the
 * next instruction in R14, status flags in the state block and its own place in RIP_OFFSET, and
 * leaves for the interpreter where anything is out of the ordinary.
 */
final class SystemStubs {
  private static final int R11 = 11;
  private static final int JE = 4;
  private static final int JNE = 5;

  /** What SYSRET takes from R11 of the flags that are no status flags, IF apart. */
  private static final int UNUSUAL = 0x3C_7FD7 & ~(int) (Rflags.STATUS | Rflags.IF | Rflags.FIXED);

  /** What POPF may change, but seldom does: then it is for the interpreter. */
  private static final long POPPED_UNUSUAL =
      Rflags.TF | Rflags.DF | Rflags.IOPL | Rflags.NT | Rflags.AC | Rflags.ID;

  private static final int MXCSR_MASKS = 0x1F80;

  private final Assembler code;
  private final Stubs stubs;
  private final int special;

  /** Returns if RDFSBASE and its kin are enabled; flags are lost. */
  final int requireBases;

  /** Sets the base of FS, or of GS, to R13 and returns, if that is allowed; flags are lost. */
  final int writeFs;

  final int writeGs;

  /** Exchanges the bases of GS and returns; flags stay. */
  final int swapGs;

  /** LDMXCSR of R13 where it masks all exceptions; flags and R13 are lost. */
  final int loadMxcsr;

  private final int popUserFlags;
  private final int popFlags;

  private final int[] syscall = new int[TranslationMode.COUNT];
  private final int[] sysret = new int[TranslationMode.COUNT];
  private final int[] clear = new int[TranslationMode.COUNT];
  private final int[] set = new int[TranslationMode.COUNT];

  SystemStubs(Assembler code, Stubs stubs) {
    this.code = code;
    this.stubs = stubs;
    special = code.position();
    stubs.leaveWith(ExitKind.SPECIAL);
    swapGs = emitSwapGs();
    requireBases = emitRequireBases();
    writeFs = emitWriteBase(StateBlock.FS_BASE);
    writeGs = emitWriteBase(StateBlock.GS_BASE);
    popUserFlags = emitPopFlags(true);
    popFlags = emitPopFlags(false);
    loadMxcsr = emitLoadMxcsr();
    for (TranslationMode mode : TranslationMode.ALL) {
      int n = mode.number();
      if (mode.view() == View.USER) {
        syscall[n] = emitSyscall(mode.with(View.SUPERVISOR));
      } else {
        sysret[n] = emitSysret(mode.with(View.USER));
        set[n] = emitAccessControl(mode.with(View.SUPERVISOR_WITH_USER), true);
        clear[n] = emitAccessControl(mode.with(View.SUPERVISOR), false);
      }
    }
  }

  int syscall(TranslationMode mode) {
    return syscall[mode.number()];
  }

  int sysret(TranslationMode mode) {
    return sysret[mode.number()];
  }

  /** Takes flags from R13 as POPF does, and returns; flags and R13 to R15 are lost. */
  int popFlags(boolean user) {
    return user ? popUserFlags : popFlags;
  }

  /** STAC or CLAC. */
  int accessControl(TranslationMode mode, boolean toSet) {
    return (toSet ? set : clear)[mode.number()];
  }

  Set<Integer> entries() {
    Set<Integer> entries = new HashSet<>();
    for (int[] stubsOfModes : new int[][] {syscall, sysret, clear, set}) {
      for (int stub : stubsOfModes) {
        entries.add(stub);
      }
    }
    entries.remove(0);
    entries.addAll(List.of(swapGs, requireBases, writeFs, writeGs));
    entries.addAll(List.of(popUserFlags, popFlags, loadMxcsr));
    return entries;
  }

  private int emitSwapGs() {
    int start = code.position();
    code.load(R13, StateBlock.GS_BASE);
    code.load(R14, StateBlock.KERNEL_GS_BASE);
    code.store(R14, StateBlock.GS_BASE);
    code.store(R13, StateBlock.KERNEL_GS_BASE);
    code.bytes(0xC3);
    return start;
  }

  private int emitRequireBases() {
    int start = code.position();
    code.compareWithZero32(StateBlock.BASES);
    code.jumpIf(JE, special);
    code.bytes(0xC3);
    return start;
  }

  private int emitWriteBase(int base) {
    int start = code.position();
    code.compareWithZero32(StateBlock.BASES);
    code.jumpIf(JE, special);
    code.move(R14, R13);
    code.bytes(0x49, 0xC1, 0xE6, 16); // shl r14, 16
    code.bytes(0x49, 0xC1, 0xFE, 16); // sar r14, 16
    code.bytes(0x4D, 0x39, 0xEE); // cmp r14, r13: canonical?
    code.jumpIf(JNE, special);
    code.store(R13, base);
    code.bytes(0xC3);
    return start;
  }

  private int emitSyscall(TranslationMode to) {
    int start = code.position();
    code.compareWithZero32(StateBlock.SYSCALLS);
    code.jumpIf(JE, special);
    code.move(RCX, R14);
    code.load(R13, StateBlock.FLAGS);
    code.move(R15, R13);
    code.andImmediate32(R13, 1);
    code.bytes(0x41, 0xC1, 0xE5, 11); // shl r13d, 11: OF
    code.bytes(0x41, 0xC1, 0xEF, 8); // shr r15d, 8
    code.andImmediate32(R15, (int) (Rflags.STATUS & ~Rflags.OF));
    code.bytes(0x4D, 0x09, 0xEF); // or r15, r13
    code.load(R13, StateBlock.SYSTEM_FLAGS);
    code.bytes(0x4D, 0x09, 0xEF); // or r15, r13
    code.gs(0x48, 0x23, R13, StateBlock.FLAGS_KEPT); // and r13, flags kept
    code.bytes(0x49, 0x83, 0xCD, (int) Rflags.FIXED); // or r13, 2
    code.store(R13, StateBlock.SYSTEM_FLAGS);
    code.moveImmediate32(R13, 0);
    code.gs(0, 0x8B, R14, StateBlock.INTERRUPT_FLAG); // mov r14d, interrupt flag
    code.bytes(0x4D, 0x09, 0xF7); // or r15, r14
    code.store(R15, Displaced.slot(R11));
    code.store(R13, StateBlock.FLAGS);
    code.storeImmediate32(0, StateBlock.INTERRUPT_FLAG);
    code.load(R14, StateBlock.LSTAR);
    cross(to);
    return start;
  }

  private int emitSysret(TranslationMode to) {
    int start = code.position();
    code.compareWithZero32(StateBlock.SYSCALLS);
    code.jumpIf(JE, special);
    code.move(R14, RCX);
    code.bytes(0x49, 0xC1, 0xE6, 16); // shl r14, 16
    code.bytes(0x49, 0xC1, 0xFE, 16); // sar r14, 16
    code.bytes(0x49, 0x39, 0xCE); // cmp r14, rcx: canonical?
    code.jumpIf(JNE, special);
    code.load(R15, Displaced.slot(R11));
    code.bytes(0x41, 0xF7, Assembler.modrm(3, 0, R15)); // test r15d, unusual flags
    code.dword(UNUSUAL);
    code.jumpIf(JNE, special);
    code.move(R13, R15);
    code.andImmediate32(R13, (int) Rflags.IF);
    code.bytes(0x74, 0); // je over: interrupts stay off
    int over = code.position();
    code.compareWithZero32(StateBlock.INTERRUPT_WAITS);
    code.jumpIf(JNE, special);
    code.patchByte(over - 1, code.position() - over);
    code.gs(0, 0x89, R13, StateBlock.INTERRUPT_FLAG); // 32 bits
    code.moveImmediate32(R13, (int) Rflags.FIXED);
    code.store(R13, StateBlock.SYSTEM_FLAGS);
    keepStatus(R15);
    cross(to);
    return start;
  }

  /** Takes the status flags from a register; R13 and R15 are lost. */
  private void keepStatus(int rflags) {
    code.move(R15, rflags);
    code.move(R13, rflags);
    code.andImmediate32(R13, (int) (Rflags.STATUS & ~Rflags.OF));
    code.bytes(0x41, 0xC1, 0xE5, 8); // shl r13d, 8
    code.bytes(0x41, 0xC1, 0xEF, 11); // shr r15d, 11
    code.andImmediate32(R15, 1);
    code.bytes(0x4D, 0x09, 0xFD); // or r13, r15
    code.store(R13, StateBlock.FLAGS);
  }

  /** Where neither the mode nor anything that waits for interrupts changes. */
  private int emitPopFlags(boolean user) {
    int start = code.position();
    code.load(R14, StateBlock.SYSTEM_FLAGS);
    code.bytes(0x4D, 0x31, 0xEE); // xor r14, r13
    code.bytes(0x41, 0xF7, Assembler.modrm(3, 0, R14)); // test r14d, what must stay
    code.dword((int) POPPED_UNUSUAL);
    code.jumpIf(JNE, special);
    code.bytes(0x41, 0xF7, Assembler.modrm(3, 0, R13)); // test r13d, what must not be set
    code.dword((int) (Rflags.RF | Rflags.VIF | Rflags.VIP));
    code.jumpIf(JNE, special);
    if (user) {
      code.gs(0, 0x8B, R14, StateBlock.INTERRUPT_FLAG);
      code.bytes(0x4D, 0x31, 0xEE); // xor r14, r13
      code.bytes(0x41, 0xF7, Assembler.modrm(3, 0, R14)); // test r14d, IF
      code.dword((int) Rflags.IF);
      code.jumpIf(JNE, special);
    } else {
      code.move(R14, R13);
      code.andImmediate32(R14, (int) Rflags.IF);
      code.bytes(0x74, 0); // je over: interrupts are off
      int over = code.position();
      code.compareWithZero32(StateBlock.INTERRUPT_WAITS);
      code.jumpIf(JNE, special);
      code.patchByte(over - 1, code.position() - over);
      code.gs(0, 0x89, R14, StateBlock.INTERRUPT_FLAG);
    }
    keepStatus(R13);
    code.bytes(0xC3);
    return start;
  }

  private int emitLoadMxcsr() {
    int start = code.position();
    code.gs(0, 0x89, R13, StateBlock.CONTROL_WORD);
    code.bytes(0x41, 0x81, Assembler.modrm(3, 6, R13)); // xor r13d, masks: clear where set
    code.dword(MXCSR_MASKS);
    code.bytes(0x41, 0xF7, Assembler.modrm(3, 0, R13)); // test r13d, masks and reserved bits
    code.dword(MXCSR_MASKS | ~0xFFFF);
    code.jumpIf(JNE, special);
    code.gs(0, 0xAE0F, 2, StateBlock.CONTROL_WORD); // ldmxcsr
    code.bytes(0xC3);
    return start;
  }

  private void cross(TranslationMode to) {
    code.load(RSP, StateBlock.HOST_RSP);
    code.storeImmediate32(1, StateBlock.CROSSED);
    code.storeImmediate32(to.number(), StateBlock.MODE);
    code.jump(stubs.jump(to));
  }

  private int emitAccessControl(TranslationMode to, boolean toSet) {
    int start = code.position();
    code.compareWithZero32(StateBlock.ACCESS_CONTROL);
    code.jumpIf(JE, special);
    code.load(R13, StateBlock.SYSTEM_FLAGS);
    code.bytes(0x49, 0x0F, 0xBA, toSet ? 0xED : 0xF5); // bts or btr r13, bit of AC
    code.bytes(Long.numberOfTrailingZeros(Rflags.AC));
    code.store(R13, StateBlock.SYSTEM_FLAGS);
    code.load(RSP, StateBlock.HOST_RSP);
    code.storeImmediate32(to.number(), StateBlock.MODE);
    code.jump(stubs.jump(to));
    return start;
  }
}
