package dev.ringzero.selftest;

import dev.ringzero.cpu.Attention;
import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.GuestFault;
import dev.ringzero.cpu.interpreter.CodeCache;
import dev.ringzero.cpu.interpreter.Executor;
import dev.ringzero.cpu.interpreter.Interpreter;
import dev.ringzero.cpu.translator.TranslatingExecutor;
import dev.ringzero.engine.TranslatedBlock;
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
import java.util.BitSet;
import java.util.List;

/**
 * Our processor, in user mode with 64-bit or 32-bit code, with the memory of {@link NativeCpu}
 * around it.
 */
final class Subject implements AutoCloseable {
  private static final long TABLES = 0x10000;
  private static final long DATA_GPA = 0x8000;
  private static final long CODE_GPA = 0xA000;
  private static final int CODE_PAGES = 2;
  private static final long CODE_PAGE = NativeCpu.CODE & -FramePool.FRAME_BYTES;
  private static final int PAGES = ProcessorState.MEMORY_BYTES / FramePool.FRAME_BYTES;
  private static final int INSTRUCTION_BYTES = 32;
  private static final int SEQUENCE_BYTES = 0x1800;
  private static final long THREAD_BASE = 48;
  private static final long LIMIT = 0xFFFF_FFFFL;
  private static final int FLAT_DATA = 0xC0F3, CODE_32 = 0xC0FB, CODE_64 = 0xA0FB;

  /** {@link ProcessorState#exception} of a sequence that did not end by itself. */
  static final int STOPPED = 255;

  private static final byte HLT = (byte) 0xF4; // faults in user mode

  private final FrameMemory memory =
      new FrameMemory(FramePool.host(), List.of(new RamRange(0, 0x40000)));
  private final Cpu cpu = new Cpu();
  private final Executor executor;
  private final long[] frames = new long[PAGES];
  private volatile boolean stopped;

  /** Bytes from {@link NativeCpu#CODE} on in which an exception is that of what is tested. */
  private int length;

  private final byte[] code = new byte[INSTRUCTION_BYTES];

  Subject(boolean translator) {
    memory.fill(CODE_GPA, CODE_PAGES * FramePool.FRAME_BYTES, HLT);
    PageTables tables = map();
    cpu.mmu.attach(memory);
    cpu.cr0 = Cr0.PE | Cr0.MP | Cr0.ET | Cr0.NE | Cr0.WP | Cr0.PG;
    cpu.cr3 = tables.root();
    cpu.cr4 = Cr4.PAE | Cr4.OSFXSR | Cr4.OSXMMEXCPT | Cr4.OSXSAVE | Cr4.FSGSBASE;
    cpu.efer = Efer.LME | Efer.LMA | Efer.NXE | Efer.SCE;
    cpu.xcr0 = 7;
    mode(64);
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
    for (int page = 0; page < CODE_PAGES; page++) {
      long offset = (long) page * FramePool.FRAME_BYTES;
      tables.map(CODE_PAGE + offset, CODE_GPA + offset, PageEntry.RW | PageEntry.US);
    }
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
    this.length = 1;
    memory.write(CODE_GPA + (NativeCpu.CODE - CODE_PAGE), code);
  }

  /** Sets the sequence that {@link #run} or {@link #step} runs. */
  void sequence(byte[] bytes, int codeSize) {
    mode(codeSize);
    length = bytes.length;
    byte[] all = Arrays.copyOf(bytes, SEQUENCE_BYTES);
    Arrays.fill(all, bytes.length, SEQUENCE_BYTES, HLT);
    memory.write(CODE_GPA + (NativeCpu.CODE - CODE_PAGE), all);
  }

  /** Flat segments, but for FS and GS, which begin a little behind 0. */
  private void mode(int codeSize) {
    boolean wide = codeSize == 64;
    cpu.codeSize = codeSize;
    for (int segment = 0; segment < 6; segment++) {
      boolean thread = segment == Cpu.FS || segment == Cpu.GS;
      cpu.segmentBase[segment] = thread ? THREAD_BASE : 0;
      cpu.segmentLimit[segment] = LIMIT;
      cpu.segmentAccess[segment] = segment == Cpu.CS ? wide ? CODE_64 : CODE_32 : FLAT_DATA;
    }
  }

  /** What {@link #sequence} set, as it has become. */
  byte[] sequence(int lengthBytes) {
    byte[] bytes = new byte[lengthBytes];
    memory.read(CODE_GPA + (NativeCpu.CODE - CODE_PAGE), bytes, 0, lengthBytes);
    return bytes;
  }

  /** Drops what the processor remembers of page tables. */
  void flush() {
    cpu.mmu.flushAll();
  }

  /** Host code made from the instruction at an address, for people. */
  String hostCode(long address) {
    StringBuilder text = new StringBuilder();
    for (TranslatedBlock block : executor.translations(address)) {
      for (TranslatedBlock.Part part : block.parts()) {
        text.append("    %x  %s%n".formatted(part.gva(), part.guest()));
        part.host().forEach(i -> text.append("        ").append(i.text()).append('\n'));
      }
    }
    return text.toString();
  }

  /** Makes a {@link #run} that does not end by itself end soon. Any thread. */
  void stop() {
    stopped = true;
    cpu.attention.raise(Attention.STOP);
  }

  /**
   * Runs the sequence on this state one instruction after the other; the state becomes that after
   * it.
   *
   * @param mayGoTo offsets in the sequence of which the instructions may be run
   * @param most instructions to run
   * @return the instructions run, or -1 if there were too many or one was elsewhere
   */
  int step(ProcessorState s, BitSet mayGoTo, int most) {
    load(s);
    cpu.mmu.enter();
    int steps = 0;
    try {
      for (; steps < most; steps++) {
        long offset = cpu.rip - NativeCpu.CODE;
        if (offset >= 0 && offset < length && !mayGoTo.get((int) offset)) {
          return -1;
        }
        executor.step();
      }
      return -1;
    } catch (GuestFault fault) {
      store(s);
      storeOutcome(s, fault);
      return steps;
    } finally {
      cpu.mmu.leave();
    }
  }

  /** Runs the instruction on this state, which becomes the state after it. */
  void run(ProcessorState s) {
    load(s);
    cpu.mmu.enter();
    stopped = false;
    try {
      while (!stopped) {
        executor.run();
      }
      store(s);
      s.exception = STOPPED;
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
    long offset = cpu.rip - NativeCpu.CODE;
    if (offset < 0 || offset >= length) {
      return; // it ended at the next HLT, or is a branch to where nothing can run
    }
    s.exception = fault.vector;
    s.errorCode = fault.hasErrorCode ? fault.errorCode : 0;
    s.faultAddress = fault.vector == Vector.PF ? cpu.cr2 : 0;
  }

  private void load(ProcessorState s) {
    cpu.rip = NativeCpu.CODE;
    cpu.attention.clear(Attention.INTERRUPT | Attention.STOP);
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
