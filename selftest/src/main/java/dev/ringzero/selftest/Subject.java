package dev.ringzero.selftest;

import dev.ringzero.cpu.Attention;
import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.GuestFault;
import dev.ringzero.cpu.interpreter.CodeCache;
import dev.ringzero.cpu.interpreter.Executor;
import dev.ringzero.cpu.interpreter.Interpreter;
import dev.ringzero.cpu.translator.TranslatingExecutor;
import dev.ringzero.memory.FrameMemory;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.memory.RamRange;
import dev.ringzero.testkit.FakeClock;
import dev.ringzero.testkit.PageTables;
import dev.ringzero.testkit.silicon.NativeCpu;
import dev.ringzero.testkit.silicon.ProcessorState;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.PageEntry;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import java.util.Arrays;
import java.util.List;

/** Our processor, in user mode with 64-bit code, with the memory of {@link NativeCpu} around it. */
final class Subject implements AutoCloseable {
  private static final long TABLES = 0x10000;
  private static final long DATA_GPA = 0x8000;
  private static final long CODE_GPA = 0xA000;
  private static final long CODE_PAGE = NativeCpu.CODE & -FramePool.FRAME_BYTES;
  private static final int PAGES = ProcessorState.MEMORY_BYTES / FramePool.FRAME_BYTES;
  private static final int INSTRUCTION_BYTES = 32;
  private static final byte HLT = (byte) 0xF4; // faults in user mode

  private final FrameMemory memory =
      new FrameMemory(FramePool.host(), List.of(new RamRange(0, 0x40000)));
  private final Cpu cpu = new Cpu();
  private final Executor executor;
  private final long[] frames = new long[PAGES];
  private final byte[] code = new byte[INSTRUCTION_BYTES];

  Subject(boolean translator) {
    memory.fill(CODE_GPA, FramePool.FRAME_BYTES, HLT);
    PageTables tables = map();
    cpu.mmu.attach(memory);
    cpu.cr0 = Cr0.PE | Cr0.MP | Cr0.ET | Cr0.NE | Cr0.WP | Cr0.PG;
    cpu.cr3 = tables.root();
    cpu.cr4 = Cr4.PAE | Cr4.OSFXSR | Cr4.OSXMMEXCPT | Cr4.OSXSAVE | Cr4.FSGSBASE;
    cpu.efer = Efer.LME | Efer.LMA | Efer.NXE | Efer.SCE;
    cpu.xcr0 = 7;
    cpu.codeSize = 64;
    cpu.cpl = 3;
    CodeCache cache = new CodeCache(memory);
    cpu.clock = new FakeClock();
    executor =
        translator ? new TranslatingExecutor(cpu, cache, false) : new Interpreter(cpu, cache);
    cpu.mmu.modeChanged();
    cpu.mmu.flushAll();
  }

  private PageTables map() {
    PageTables tables = new PageTables(memory, PageTables.Format.FOUR_LEVEL, TABLES);
    tables.map(CODE_PAGE, CODE_GPA, PageEntry.US);
    for (int page = 0; page < PAGES; page++) {
      long offset = (long) page * FramePool.FRAME_BYTES;
      tables.map(
          NativeCpu.DATA + offset, DATA_GPA + offset, PageEntry.RW | PageEntry.US | PageEntry.XD);
      memory.write64(DATA_GPA + offset, 1); // gives the page a frame
      try (var slices = memory.slices(DATA_GPA + offset, FramePool.FRAME_BYTES, true)) {
        frames[page] = slices.hpa(0);
      }
    }
    return tables;
  }

  @Override
  public void close() {
    memory.close();
  }

  /** Sets the instruction that {@link #run} runs. */
  void instruction(byte[] bytes, int length) {
    Arrays.fill(code, HLT);
    System.arraycopy(bytes, 0, code, 0, length);
    memory.write(CODE_GPA + (NativeCpu.CODE - CODE_PAGE), code);
  }

  /** Runs the instruction on this state, which becomes the state after it. */
  void run(ProcessorState s) {
    load(s);
    cpu.mmu.enter();
    try {
      while (true) {
        executor.run();
      }
    } catch (GuestFault fault) {
      store(s);
      storeOutcome(s, fault);
    } finally {
      cpu.mmu.leave();
    }
  }

  private void storeOutcome(ProcessorState s, GuestFault fault) {
    s.rip = cpu.rip;
    s.exception = -1;
    s.errorCode = 0;
    s.faultAddress = 0;
    if (cpu.rip != NativeCpu.CODE) {
      return; // it ended at the next HLT, or is a branch to where nothing can run
    }
    s.exception = fault.vector;
    s.errorCode = fault.hasErrorCode ? fault.errorCode : 0;
    s.faultAddress = fault.vector == Vector.PF ? cpu.cr2 : 0;
  }

  private void load(ProcessorState s) {
    cpu.rip = NativeCpu.CODE;
    cpu.attention.clear(Attention.INTERRUPT);
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
