package dev.ringzero.testkit.guest;

import dev.ringzero.engine.Engine;
import dev.ringzero.engine.InterruptSource;
import dev.ringzero.engine.Register;
import dev.ringzero.engine.SegmentState;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.memory.IoBus;
import dev.ringzero.testkit.guest.BareMetalGuest.Expectation;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import java.util.ArrayList;
import java.util.List;

/**
 * The monitor of a bare-metal guest, for any engine: it remembers the accesses of devices, raises
 * what the guest asks for by ports, and interrupts a halted guest once.
 */
public final class BareMetalMachine implements IoBus, InterruptSource {
  /** The vector of the one interrupt. */
  public static final int INTERRUPT = 0x40;

  static final long DEVICE = 0x40_0000;

  private static final int RAISE_INTERRUPT = 0x20;
  private static final int RAISE_NMI = 0x22;
  private static final int STOP = 0x26;
  private static final int START_SECOND = 0x28;
  private static final long DEVICE_VALUE = 0x8877_6655_4433_2211L;
  private static final long PORT_VALUE = 0x7777_7777L;

  private final Engine engine;
  private final BareMetalRam ram;
  private final VirtualCpu cpu;
  private final List<String> accesses = new ArrayList<>();
  private Thread second;
  private boolean interruptWaits;
  private int priority;

  public BareMetalMachine(Engine engine, BareMetalRam ram) {
    this.engine = engine;
    this.ram = ram;
    this.cpu = engine.createCpu(0, this, this);
  }

  public VirtualCpu cpu() {
    return cpu;
  }

  /** Runs a guest to its end; what it did, in the form of what is expected. */
  public Expectation run(BareMetalGuest guest) {
    guest.load(ram);
    cpu.segment(SegmentState.CS, new SegmentState(0, 0, 0xFFFF, 0x9B));
    cpu.register(Register.RIP, BareMetalGuest.CODE);
    ExitReason end = runToEnd();
    awaitSecond();
    return new Expectation(
        List.copyOf(accesses),
        end,
        ram.read64(BareMetalGuest.RESULT),
        ram.read64(BareMetalGuest.RESULT + 8));
  }

  private ExitReason runToEnd() {
    while (true) {
      ExitReason reason = cpu.run();
      if (!goesOn(reason)) {
        return reason;
      }
    }
  }

  private void awaitSecond() {
    try {
      if (second != null) {
        second.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void runSecond() {
    VirtualCpu other = engine.createCpu(1, InterruptSource.NONE, this);
    other.segment(
        SegmentState.CS,
        new SegmentState(
            (int) BareMetalGuest.SECOND_CODE >> 4, BareMetalGuest.SECOND_CODE, 0xFFFF, 0x9B));
    other.register(Register.RIP, 0);
    while (other.run() == ExitReason.EPT_VIOLATION) {
      ram.touch(other.exit().gpa);
    }
  }

  private boolean goesOn(ExitReason reason) {
    return switch (reason) {
      case EPT_VIOLATION -> ram.touch(cpu.exit().gpa);
      case HLT -> wakes();
      case CPUID -> answer(CpuidAnswer.to((int) cpu.register(Register.RAX)));
      case RDMSR, WRMSR -> {
        cpu.injectException(Vector.GP, 0);
        yield true;
      }
      default -> false;
    };
  }

  private boolean wakes() {
    if ((cpu.register(Register.RFLAGS) & Rflags.IF) == 0) {
      return false;
    }
    cpu.skipInstruction();
    raise();
    return cpu.wakes();
  }

  private boolean answer(CpuidAnswer answer) {
    cpu.register(Register.RAX, answer.eax() & 0xFFFF_FFFFL);
    cpu.register(Register.RBX, answer.ebx() & 0xFFFF_FFFFL);
    cpu.register(Register.RCX, answer.ecx() & 0xFFFF_FFFFL);
    cpu.register(Register.RDX, answer.edx() & 0xFFFF_FFFFL);
    cpu.skipInstruction();
    return true;
  }

  private void raise() {
    interruptWaits = true;
    cpu.interruptPending();
  }

  @Override
  public long readPort(int port, int sizeBytes) {
    accesses.add("in %x/%d".formatted(port, sizeBytes));
    return truncate(PORT_VALUE, sizeBytes);
  }

  @Override
  public void writePort(int port, int sizeBytes, long value) {
    accesses.add("out %x/%d %x".formatted(port, sizeBytes, value));
    switch (port) {
      case RAISE_INTERRUPT -> raise();
      case RAISE_NMI -> cpu.nonMaskableInterrupt();
      case START_SECOND -> second = Thread.ofPlatform().daemon().start(this::runSecond);
      case STOP -> Thread.ofPlatform().daemon().start(cpu::requestStop);
      default -> {}
    }
  }

  @Override
  public boolean claims(long gpa) {
    return gpa >= DEVICE;
  }

  @Override
  public long read(long gpa, int sizeBytes) {
    accesses.add("read %x/%d".formatted(gpa, sizeBytes));
    return truncate(DEVICE_VALUE, sizeBytes);
  }

  @Override
  public void write(long gpa, int sizeBytes, long value) {
    accesses.add("write %x/%d %x".formatted(gpa, sizeBytes, value));
  }

  private static long truncate(long value, int sizeBytes) {
    return value & -1L >>> 64 - 8 * sizeBytes;
  }

  @Override
  public boolean pending() {
    return interruptWaits && INTERRUPT >> 4 > priority;
  }

  @Override
  public int acknowledge() {
    if (!pending()) {
      return -1;
    }
    interruptWaits = false;
    return INTERRUPT;
  }

  @Override
  public int taskPriority() {
    return priority;
  }

  @Override
  public void taskPriority(int priorityClass) {
    priority = priorityClass;
    cpu.interruptPending();
  }
}
