package dev.ringzero.cpu;

import dev.ringzero.engine.Clock;
import dev.ringzero.engine.Execution;
import dev.ringzero.engine.InterruptSource;
import dev.ringzero.engine.Register;
import dev.ringzero.engine.SegmentState;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.memory.DeviceBus;
import dev.ringzero.memory.FrameMemory;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.Ept;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.Rflags;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A processor in 64-bit mode at CPL 0 with its first gigabyte mapped one to one, to run bytes on.
 */
public final class GuestFixture implements AutoCloseable {
  public static final long CODE = 0x10_0000;
  public static final long DATA = 0x20_0000;
  public static final long STACK = 0x30_0000;

  private static final long STACK_BYTES = 0x1_0000;

  private static final long PML4 = 0x1000;
  private static final long PDPT = 0x2000;
  private static final long LARGE_PAGE = 0x83; // present, writable, page size

  public final FrameMemory memory = FrameMemory.ofPc(16 << 20);
  public final Pins pins = new Pins();
  public final VirtualCpu cpu;

  private final SoftwareEngine engine;

  /** With the translator where the host can run it. */
  public GuestFixture() {
    this(true);
  }

  public GuestFixture(boolean translator) {
    this(new Execution(translator, false));
  }

  public GuestFixture(Execution execution) {
    this(execution, Virtualization.NONE);
  }

  /** With processors on which the guest can be a monitor. */
  public GuestFixture(Execution execution, Virtualization virtualization) {
    engine =
        new SoftwareEngine(
            memory,
            new CountingClock(),
            bytes -> Arrays.fill(bytes, (byte) 4),
            execution,
            virtualization);
    memory.write64(PML4, PDPT | 3);
    memory.write64(PDPT, LARGE_PAGE);
    cpu = processor(0, pins);
  }

  /** Another processor of the same machine, with its own stack. */
  public VirtualCpu processor(int id) {
    return processor(id, new Pins());
  }

  private VirtualCpu processor(int id, Pins interrupts) {
    VirtualCpu processor = engine.createCpu(id, interrupts, new DeviceBus());
    enter64(processor);
    processor.register(Register.RSP, STACK + id * STACK_BYTES);
    return processor;
  }

  private static void enter64(VirtualCpu cpu) {
    cpu.register(Register.CR3, PML4);
    cpu.register(Register.CR4, Cr4.PAE | Cr4.OSFXSR);
    cpu.register(Register.CR0, Cr0.PE | Cr0.PG | Cr0.ET | Cr0.WP | Cr0.NE);
    cpu.msr(0xC000_0080, Efer.LME | Efer.LMA);
    cpu.segment(SegmentState.CS, new SegmentState(8, 0, 0xFFFF_FFFFL, 0xA09B));
    for (int segment : new int[] {0, 2, 3, 4, 5}) {
      cpu.segment(segment, new SegmentState(16, 0, 0xFFFF_FFFFL, 0xC093));
    }
  }

  /** Puts bytes, as hexadecimal digits, into memory. */
  public GuestFixture bytes(long gpa, String hex) {
    memory.write(gpa, HexFormat.of().parseHex(hex.replace(" ", "")));
    return this;
  }

  public GuestFixture set(Register register, long value) {
    cpu.register(register, value);
    return this;
  }

  public long get(Register register) {
    return cpu.register(register);
  }

  /** Status flags now, as letters of "oszapc" where set. */
  public String flags() {
    long flags = get(Register.RFLAGS);
    return ((flags & Rflags.OF) != 0 ? "o" : "")
        + ((flags & Rflags.SF) != 0 ? "s" : "")
        + ((flags & Rflags.ZF) != 0 ? "z" : "")
        + ((flags & Rflags.AF) != 0 ? "a" : "")
        + ((flags & Rflags.PF) != 0 ? "p" : "")
        + ((flags & Rflags.CF) != 0 ? "c" : "");
  }

  /** Runs these bytes at {@link #CODE} until their end, where a HLT is put. */
  public GuestFixture run(String hex) {
    bytes(CODE, hex + "F4");
    set(Register.RIP, CODE);
    return toHalt();
  }

  /** Runs until HLT. */
  public GuestFixture toHalt() {
    ExitReason reason = runUntilExit();
    if (reason != ExitReason.HLT) {
      throw new AssertionError("exit " + reason + " at RIP " + Long.toHexString(get(Register.RIP)));
    }
    cpu.skipInstruction();
    return this;
  }

  /** Runs until an exit other than for a first touch of memory. */
  public ExitReason runUntilExit() {
    return runUntilExit(cpu);
  }

  /** Runs a processor until an exit other than for a first touch of memory. */
  public ExitReason runUntilExit(VirtualCpu processor) {
    while (true) {
      ExitReason reason = processor.run();
      if (reason != ExitReason.EPT_VIOLATION
          || memory.touch(processor.exit().gpa, Ept.RIGHTS) != GuestMemory.Outcome.MAPPED) {
        return reason;
      }
    }
  }

  @Override
  public void close() {
    memory.close();
  }

  /** An interrupt controller with one pin. */
  public static final class Pins implements InterruptSource {
    public int vector = -1;

    @Override
    public boolean pending() {
      return vector >= 0;
    }

    @Override
    public int acknowledge() {
      int taken = vector;
      vector = -1;
      return taken;
    }

    @Override
    public int taskPriority() {
      return 0;
    }

    @Override
    public void taskPriority(int priorityClass) {}
  }

  private static final class CountingClock implements Clock {
    private long now;

    @Override
    public long nanoTime() {
      return ++now;
    }

    @Override
    public Instant wallTime() {
      return Instant.EPOCH;
    }

    @Override
    public long tsc() {
      return ++now;
    }

    @Override
    public long tscHertz() {
      return 1_000_000_000;
    }

    @Override
    public Alarm schedule(long deadlineNanos, Runnable action) {
      return () -> {};
    }
  }
}
