package dev.ringzero.cpu.translator;

import static dev.ringzero.cpu.translator.Assembler.R13;
import static dev.ringzero.cpu.translator.Assembler.RCX;
import static dev.ringzero.cpu.translator.Assembler.RDI;
import static dev.ringzero.cpu.translator.Assembler.RSI;

import dev.ringzero.x86.instruction.Instruction;
import java.util.ArrayList;
import java.util.List;

/**
 * Translates what stubs or Java do in the middle of a block: repeated string instructions, bases
 * and selectors of segments, the time-stamp counter. Flags are in the state block before, and lost.
 */
final class SystemTranslator {
  private static final int CS = 1, SS = 2, FS = 4, GS = 5;

  private final Assembler code;
  private final Stubs stubs;
  private final AccessSites sites;
  private final InstructionCount counter;

  /** Sites of this block, and the offsets of their instructions. */
  private final List<int[]> uncounted = new ArrayList<>();

  SystemTranslator(Assembler code, Stubs stubs, AccessSites sites, InstructionCount counter) {
    this.code = code;
    this.stubs = stubs;
    this.sites = sites;
    this.counter = counter;
  }

  /** Repeated string instructions; false if it is for the interpreter. */
  boolean string(Instruction i, View view, int offset) {
    String meaning = i.form.meaning;
    boolean ofDestination = meaning.equals("STOS") || meaning.equals("SCAS");
    boolean narrow = i.codeSize == 32;
    boolean plainSource = ofDestination || i.segment < FS && !(narrow && i.segment == CS);
    if (i.addressSize != i.codeSize || !plainSource) {
      return false;
    }
    int bytes = i.width(i.operand(0)) / 8;
    int stub =
        switch (meaning) {
          case "STOS" -> i.rep ? stubs.strings.store(view, bytes) : 0;
          case "MOVS" -> i.rep ? stubs.strings.move(view, bytes) : 0;
          case "SCAS" -> stubs.comparisons.scan(view, bytes, i.repne);
          case "CMPS" -> stubs.comparisons.compare(view, bytes, i.repne);
          default -> 0;
        };
    if (stub == 0) {
      return false;
    }
    if (narrow) {
      for (int register : new int[] {RCX, RSI, RDI}) {
        code.move32(register, register);
      }
    }
    int restart = code.position();
    int site = site(offset, bytes, restart);
    code.storeImmediate32(offset, StateBlock.RIP_OFFSET);
    code.storeImmediate32(site, StateBlock.SITE);
    code.call(stub);
    return true;
  }

  /** RDTSC and RDTSCP: Java has the clock. */
  boolean timeStamp(Instruction i, int offset) {
    int site = site(offset, i.form.meaning.equals("RDTSCP") ? 1 : 0, 0);
    code.storeImmediate32(site, StateBlock.SITE);
    stubs.leaveWith(ExitKind.TIME_STAMP);
    sites.position(site, code.position());
    return true;
  }

  /** RDFSBASE and RDGSBASE. */
  boolean readBase(Instruction i, int offset) {
    code.storeImmediate32(offset, StateBlock.RIP_OFFSET);
    code.call(stubs.system.requireBases);
    code.load(R13, i.form.meaning.equals("RDFSBASE") ? StateBlock.FS_BASE : StateBlock.GS_BASE);
    setRegister(i);
    return true;
  }

  /** WRFSBASE and WRGSBASE. */
  boolean writeBase(Instruction i, int offset) {
    code.storeImmediate32(offset, StateBlock.RIP_OFFSET);
    if (Displaced.inMemory(i.rm)) {
      code.load(R13, Displaced.slot(i.rm));
    } else {
      code.move(R13, Displaced.host(i.rm));
    }
    if (i.operandSize == 32) {
      code.move32(R13, R13);
    }
    code.call(i.form.meaning.equals("WRFSBASE") ? stubs.system.writeFs : stubs.system.writeGs);
    return true;
  }

  /** MOV from a segment register to a general one; false if it is for the interpreter. */
  boolean readSelector(Instruction i) {
    boolean maybeLate = i.reg == CS || i.reg == SS; // SYSCALL and SYSRET may not have set them yet
    if (i.hasMemory() || maybeLate || i.reg > GS) {
      return false;
    }
    code.gs(0, 0x8B, R13, StateBlock.SELECTORS + 4 * i.reg);
    setRegister(i);
    return true;
  }

  /** Moves R13 to the register operand. */
  private void setRegister(Instruction i) {
    if (i.operandSize == 16) {
      setLowHalf(i.rm);
      return;
    }
    if (i.operandSize == 32) {
      code.move32(R13, R13);
    }
    if (Displaced.inMemory(i.rm)) {
      code.store(R13, Displaced.slot(i.rm));
    } else {
      code.move(Displaced.host(i.rm), R13);
    }
  }

  /** Moves the low 16 bits of R13 to a register, which keeps the rest. */
  private void setLowHalf(int guest) {
    code.bytes(0x66);
    if (Displaced.inMemory(guest)) {
      code.gs(0, 0x89, R13, Displaced.slot(guest));
    } else {
      int host = Displaced.host(guest);
      code.bytes(0x44 | host >> 3, 0x89, Assembler.modrm(3, R13, host));
    }
  }

  private int site(int offset, int detail, int resume) {
    int site = sites.access(offset, detail, 0);
    sites.position(site, resume);
    uncounted.add(new int[] {site, offset});
    return site;
  }

  /** Once, behind the block. */
  void finish() {
    for (int[] entry : uncounted) {
      sites.uncounted(entry[0], counter.uncounted(entry[1]));
    }
    uncounted.clear();
  }
}
