package dev.ringzero.selftest;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.GuestFault;
import dev.ringzero.cpu.SemanticsTable;
import dev.ringzero.cpu.interpreter.CodeCache;
import dev.ringzero.cpu.translator.TranslatingExecutor;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.memory.RamRange;
import dev.ringzero.testkit.silicon.NativeCpu;
import dev.ringzero.testkit.silicon.ProcessorState;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.instruction.Instruction;
import java.util.Arrays;
import java.util.List;

/** Our processor, in user mode with 64-bit code, with the memory of {@link NativeCpu} around it. */
final class Subject implements AutoCloseable {
  private static final long ROOT = 0x1000;
  private static final long DATA_GPA = 0xC000;
  private static final long CODE_GPA = 0xE000;
  private static final long NOT_EXECUTABLE = 1L << 63;
  private static final byte HLT = (byte) 0xF4;
  private static final long USER_PAGE = 7; // present, writable, user
  private static final int PAGES = ProcessorState.MEMORY_BYTES / FramePool.FRAME_BYTES;
  private static final int REPETITIONS = 10_000;

  private final GuestMemory memory =
      new GuestMemory(FramePool.host(), List.of(new RamRange(0, 0x20000)));
  private final Cpu cpu = new Cpu();
  private final long[] frames = new long[PAGES];
  private final byte[] code = new byte[FramePool.FRAME_BYTES];
  private final TranslatingExecutor executor;
  private long nextTable = ROOT + 0x1000;

  /**
   * @param translated whether instructions go through the translator, else straight to their meaning
   */
  Subject(boolean translated) {
    mapData();
    cpu.mmu.attach(memory);
    executor = translated ? new TranslatingExecutor(cpu, new CodeCache(memory)) : null;
    cpu.cr0 = Cr0.PE | Cr0.MP | Cr0.ET | Cr0.NE | Cr0.WP | Cr0.PG;
    cpu.cr3 = ROOT;
    cpu.cr4 = Cr4.PAE | Cr4.OSFXSR | Cr4.OSXMMEXCPT | Cr4.OSXSAVE | Cr4.FSGSBASE;
    cpu.efer = Efer.LME | Efer.LMA | Efer.NXE | Efer.SCE;
    cpu.xcr0 = 7;
    cpu.cpl = 3;
    cpu.codeSize = 64;
    cpu.mmu.modeChanged();
    cpu.mmu.flushAll();
  }

  private void mapData() {
    for (int page = 0; page < PAGES; page++) {
      long gpa = DATA_GPA + page * 4096L;
      map(NativeCpu.DATA + page * 4096L, gpa, NOT_EXECUTABLE);
      try (var slices = memory.slices(gpa, 4096, true)) {
        frames[page] = slices.hpa(0);
      }
    }
    map(NativeCpu.CODE, CODE_GPA, 0);
  }

  private void map(long linear, long gpa, long protection) {
    long table = ROOT;
    for (int level = 3; level > 0; level--) {
      long slot = table + 8 * (linear >>> 12 + 9 * level & 511);
      if (memory.read64(slot) == 0) {
        memory.write64(slot, nextTable | USER_PAGE);
        nextTable += 0x1000;
      }
      table = memory.read64(slot) & -4096L;
    }
    memory.write64(table + 8 * (linear >>> 12 & 511), gpa | USER_PAGE | protection);
    memory.write64(gpa, 1); // touch
  }

  @Override
  public void close() {
    memory.close();
  }

  /** Runs an instruction on this state, which becomes the state after it. */
  void run(Encoding encoding, ProcessorState s) {
    load(s);
    if (executor != null) {
      loadCode(encoding);
    }
    cpu.rip = NativeCpu.CODE;
    cpu.mmu.enter();
    try {
      s.exception = -1;
      s.errorCode = 0;
      s.faultAddress = 0;
      if (executor != null) {
        translate();
      } else {
        execute(encoding.instruction);
      }
      s.rip = cpu.nextRip;
    } catch (GuestFault fault) {
      s.rip = NativeCpu.CODE;
      if (cpu.rip == NativeCpu.CODE) {
        s.exception = fault.vector;
        s.errorCode = fault.hasErrorCode ? fault.errorCode : 0;
        s.faultAddress = fault.vector == Vector.PF ? cpu.cr2 : 0;
      } else {
        s.rip = cpu.rip; // the HLT behind the instruction, or where it jumped to
      }
    } finally {
      cpu.mmu.leave();
    }
    store(s);
  }

  private void execute(Instruction instruction) {
    for (int n = 0; n < REPETITIONS; n++) {
      cpu.nextRip = NativeCpu.CODE + instruction.length;
      cpu.gpr[Instruction.RIP] = cpu.nextRip;
      SemanticsTable.of(instruction.form).execute(cpu, instruction);
      if (cpu.nextRip != NativeCpu.CODE) {
        return; // a repeated string instruction goes on at its own address
      }
    }
  }

  /** Puts the instruction among HLTs, which fault in user mode. */
  private void loadCode(Encoding encoding) {
    Arrays.fill(code, HLT);
    int at = (int) NativeCpu.CODE & FramePool.FRAME_BYTES - 1;
    System.arraycopy(encoding.bytes, 0, code, at, encoding.length);
    memory.write(CODE_GPA, code);
  }

  /** Runs until the HLT that comes next faults. */
  private void translate() {
    for (int n = 0; n < REPETITIONS; n++) {
      executor.attempt();
    }
  }

  private void load(ProcessorState s) {
    System.arraycopy(s.gpr, 0, cpu.gpr, 0, 16);
    Flags.write(cpu, s.flags & (Rflags.STATUS | Rflags.DF) | Rflags.IF);
    System.arraycopy(s.vector, 0, cpu.vector, 0, 64);
    cpu.mxcsr = s.mxcsr;
    cpu.x87.controlWord = s.controlWord;
    cpu.x87.status(s.statusWord);
    cpu.x87.occupied = s.abridgedTag;
    cpu.x87.opcode = s.opcode;
    cpu.x87.instructionPointer = s.instructionPointer;
    cpu.x87.dataPointer = s.dataPointer;
    for (int n = 0; n < 8; n++) {
      int register = cpu.x87.top + n & 7;
      cpu.x87.significand[register] = s.significand[n];
      cpu.x87.signExponent[register] = s.signExponent[n];
    }
    for (int page = 0; page < PAGES; page++) {
      MachineMemory.write(frames[page], s.memory, page * 4096, 4096);
    }
  }

  private void store(ProcessorState s) {
    System.arraycopy(cpu.gpr, 0, s.gpr, 0, 16);
    s.flags = Flags.read(cpu);
    System.arraycopy(cpu.vector, 0, s.vector, 0, 64);
    s.mxcsr = cpu.mxcsr;
    s.controlWord = cpu.x87.controlWord;
    s.statusWord = cpu.x87.status();
    s.abridgedTag = cpu.x87.occupied;
    s.instructionPointer = cpu.x87.instructionPointer;
    s.dataPointer = cpu.x87.dataPointer;
    for (int n = 0; n < 8; n++) {
      int register = cpu.x87.top + n & 7;
      s.significand[n] = cpu.x87.significand[register];
      s.signExponent[n] = cpu.x87.signExponent[register];
    }
    for (int page = 0; page < PAGES; page++) {
      MachineMemory.read(frames[page], s.memory, page * 4096, 4096);
    }
  }
}
