package dev.ringzero.selftest;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.GuestFault;
import dev.ringzero.cpu.SemanticsTable;
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
import java.util.List;

/** Our processor, in user mode with 64-bit code, with the memory of {@link NativeCpu} around it. */
final class Subject implements AutoCloseable {
  private static final long ROOT = 0x1000;
  private static final long DATA_GPA = 0x8000;
  private static final long USER_PAGE = 7; // present, writable, user
  private static final int PAGES = ProcessorState.MEMORY_BYTES / FramePool.FRAME_BYTES;
  private static final int REPETITIONS = 10_000;

  private final GuestMemory memory =
      new GuestMemory(FramePool.host(), List.of(new RamRange(0, 0x10000)));
  private final Cpu cpu = new Cpu();
  private final long[] frames = new long[PAGES];

  Subject() {
    mapData();
    cpu.mmu.attach(memory);
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
    long table = ROOT;
    for (int level = 3; level > 0; level--) {
      long next = table + 0x1000;
      memory.write64(table + 8 * (NativeCpu.DATA >>> 12 + 9 * level & 511), next | USER_PAGE);
      table = next;
    }
    for (int page = 0; page < PAGES; page++) {
      long gpa = DATA_GPA + page * 4096L;
      long index = (NativeCpu.DATA >>> 12) + page & 511;
      memory.write64(table + 8 * index, gpa | USER_PAGE);
      memory.write64(gpa, 1); // touch
      try (var slices = memory.slices(gpa, 4096, true)) {
        frames[page] = slices.hpa(0);
      }
    }
  }

  @Override
  public void close() {
    memory.close();
  }

  /** Runs an instruction on this state, which becomes the state after it. */
  void run(Instruction instruction, ProcessorState s) {
    load(s);
    cpu.rip = NativeCpu.CODE;
    cpu.mmu.enter();
    try {
      s.exception = -1;
      s.errorCode = 0;
      s.faultAddress = 0;
      execute(instruction);
      s.rip = cpu.nextRip;
    } catch (GuestFault fault) {
      s.rip = NativeCpu.CODE;
      s.exception = fault.vector;
      s.errorCode = fault.hasErrorCode ? fault.errorCode : 0;
      s.faultAddress = fault.vector == Vector.PF ? cpu.cr2 : 0;
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
