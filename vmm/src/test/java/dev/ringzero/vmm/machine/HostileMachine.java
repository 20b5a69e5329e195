package dev.ringzero.vmm.machine;

import dev.ringzero.cpu.SoftwareEngine;
import dev.ringzero.devices.lapic.LocalApic;
import dev.ringzero.devices.power.PowerControl;
import dev.ringzero.engine.Agent;
import dev.ringzero.engine.AgentRunner;
import dev.ringzero.engine.CpuSignals;
import dev.ringzero.engine.Execution;
import dev.ringzero.engine.Register;
import dev.ringzero.engine.SegmentState;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.memory.FrameMemory;
import dev.ringzero.testkit.FakeClock;
import dev.ringzero.vmm.cpuid.CpuModel;
import dev.ringzero.vmm.cpuid.Cpuid;
import dev.ringzero.vmm.memory.ExtendedPaging;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.ExitReason;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;

/**
 * A machine without threads of its own, on which guests with random registers, tables and code run
 * one after the other. What one guest leaves in memory and devices the next one finds.
 */
final class HostileMachine implements AutoCloseable {
  static final int MEMORY_BYTES = 8 << 20;

  private static final int EXITS = 40;
  private static final int STOPS = 2;
  private static final long CODE = 0x10_0000;
  private static final long TABLES = 0x1_0000;
  private static final long GDT = 0x2_0000;
  private static final long IDT = 0x2_1000;
  private static final long TSS = 0x2_3000;
  private static final long EFER = 0xC000_0080L;

  private final SplittableRandom random;
  private final HostileCode code;
  private final FakeClock clock = new FakeClock();
  private final FrameMemory memory = FrameMemory.ofPc(MEMORY_BYTES);
  private final Queue<Agent> awake = new ArrayDeque<>();
  private final Board board;
  private final MachineDevices devices;
  private final Cpuid cpuid = new Cpuid(CpuModel.DEFAULT, 2, 2_000_000_000L, LocalApic.TIMER_HERTZ);
  private final VirtualCpu cpu;

  private boolean powerEvent;
  private boolean longMode;

  private final LocalApics apics = new LocalApics(2, clock);

  HostileMachine(long seed, boolean translator) {
    random = new SplittableRandom(seed);
    code = new HostileCode(random);
    PowerControl power =
        new PowerControl() {
          @Override
          public void powerOff() {
            powerEvent = true;
          }

          @Override
          public void reset() {
            powerEvent = true;
          }
        };
    board = new Board(apics, clock, value -> true, value -> true, power, Optional.empty());
    devices =
        new MachineDevices(
            "hostile",
            2,
            memory,
            board,
            this::addAgent,
            clock,
            random::nextBytes,
            wait -> {},
            java.util.Optional.empty());
    SoftwareEngine engine =
        new SoftwareEngine(memory, clock, random::nextBytes, new Execution(translator, false));
    cpu = engine.createCpu(0, apics.of(0), board.busOf(0));
    apics.of(0).connect(signals());
  }

  private AgentRunner.Waker addAgent(String name, Agent agent) {
    return () -> awake.add(agent);
  }

  private CpuSignals signals() {
    return new CpuSignals() {
      @Override
      public void interrupt() {
        cpu.interruptPending();
      }

      @Override
      public void nonMaskableInterrupt() {
        cpu.nonMaskableInterrupt();
      }

      @Override
      public void init() {
        powerEvent = true;
        cpu.requestStop();
      }

      @Override
      public void startup(int vector) {}
    };
  }

  VirtualCpu cpu() {
    return cpu;
  }

  List<Stateful> units() {
    List<Stateful> units = new ArrayList<>(board.units());
    units.addAll(devices.units());
    units.add(cpu);
    return units;
  }

  /** Builds the next guest and runs it to its end. */
  void runGuest() {
    prepare();
    resumeGuest();
  }

  /** Runs on from the state there is. */
  void resumeGuest() {
    RunGate gate = new RunGate();
    ExitHandler handler = new ExitHandler(new ExtendedPaging(memory), cpuid, apics.msrs(), gate);
    powerEvent = false;
    int stops = 0;
    for (int exits = 0; exits < EXITS && !gate.ended() && !powerEvent; exits++) {
      ExitReason reason = cpu.run();
      clock.advance(random.nextInt(100_000));
      stepAgents();
      switch (reason) {
        case STOP_REQUESTED -> {
          if (++stops == STOPS) {
            return;
          }
        }
        case HLT, MWAIT -> {
          cpu.skipInstruction();
          clock.advance(2_000_000);
          if (!cpu.wakes()) {
            return;
          }
        }
        default -> {
          handler.handle(cpu, reason);
          // Many touches of memory are progress.
          exits -= reason == ExitReason.EPT_VIOLATION ? 1 : 0;
        }
      }
    }
    requireOrderlyEnd(gate);
  }

  private void stepAgents() {
    for (int steps = 0; steps < 64 && !awake.isEmpty(); steps++) {
      Agent agent = awake.remove();
      if (agent.step()) {
        awake.add(agent);
      }
    }
  }

  private static void requireOrderlyEnd(RunGate gate) {
    if (!gate.ended()) {
      return;
    }
    try {
      MachineEnd end = gate.awaitEnd();
      if (end.cause() == MachineEnd.Cause.FAILED
          && !end.detail().startsWith("the guest has code or a table")) {
        throw new AssertionError("the guest ended the monitor's way: " + end);
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void prepare() {
    if (random.nextInt(8) == 0) {
      cpu.reset(random.nextBoolean());
    }
    for (long at = CODE; at < CODE + 0x4000; at += 0x1000) {
      memory.write(at, code.next(512));
      memory.write(at + 0x1000 - 64, code.next(128));
    }
    registers();
    mode();
    descriptors();
    pageTables();
    memory.write(cpu.register(Register.RIP) & 0xF_FFFF, code.next(64));
  }

  private void descriptors() {
    long[] access = {0x9B, 0x93, 0xFB, 0xF3, 0x89, 0x82, 0x8C, 0xEC, 0x85, 0xE5, 0x9F, 0x97};
    for (int i = 1; i < 64; i++) {
      long type = access[(i - 1) % access.length];
      long flags = random.nextInt(16);
      long base = random.nextInt(8) == 0 ? random.nextInt() & 0xFFFF_FFFFL : i > 24 ? TSS : 0;
      long descriptor =
          0xF_0000_0000_FFFFL
              | type << 40
              | flags << 52
              | (base & 0xFF_FFFF) << 16
              | base >>> 24 << 56;
      memory.write64(GDT + 8 * i, corrupted(descriptor, 16));
    }
    memory.write64(
        GDT + 8,
        corrupted(
            longMode ? 0x20_9B00_0000_0000L | 0xF_0000_0000_FFFFL : 0xCF_9B00_0000_FFFFL, 64));
    memory.write64(GDT + 16, corrupted(0xCF_9300_0000_FFFFL, 64));
    for (int i = 0; i < 256; i++) {
      gate(i, CODE + random.nextInt(0x4000));
    }
    byte[] tss = new byte[256];
    random.nextBytes(tss);
    memory.write(TSS, tss);
    memory.write64(TSS + 4, address());
    memory.write64(TSS + 0x1C, TABLES);
    memory.write64(TSS + 0x20, CODE);
    memory.write64(TSS + 0x24, CODE - 0x800);
  }

  private void gate(int vector, long target) {
    long ist = longMode ? random.nextInt(2) : 0;
    long gate =
        target & 0xFFFF
            | 8L << 16
            | ist << 32
            | 0x8E00L + random.nextInt(2) * 256 << 32
            | target >> 16 << 48;
    if (random.nextInt(16) == 0) {
      gate = gate & ~0x1F00_0000_0000L | 0x0500_0000_0000L | (long) random.nextInt(64) * 8 << 16;
    }
    long at = IDT + (longMode ? 16 : 8) * vector;
    memory.write64(at, corrupted(gate, 64));
    if (longMode) {
      memory.write64(at + 8, corrupted(0, 64));
    }
  }

  private void pageTables() {
    for (int i = 0; i < 512; i++) {
      memory.write64(TABLES + 8 * i, corrupted(TABLES + 0x1007, 64));
      memory.write64(TABLES + 0x1000 + 8 * i, corrupted(TABLES + 0x2007 + (i & 3) * 0x1000L, 64));
      for (int table = 0; table < 4; table++) {
        long frame = (long) table << 30 | (long) i << 21;
        memory.write64(TABLES + 0x2000 + 0x1000 * table + 8 * i, corrupted(frame | 0xE7, 64));
      }
      memory.write64(TABLES + 0x6000 + 8 * i, corrupted((long) i << 12 | 7, 32));
    }
    memory.write64(TABLES + 0x2000, TABLES + 0x6007);
    if (random.nextInt(8) == 0) {
      memory.write64(TABLES + 8 * random.nextInt(512), device() | 7);
      memory.write64(TABLES + 0x1000 + 8 * random.nextInt(4), device() | 7);
    }
  }

  /** The value, or rarely a damaged one. */
  private long corrupted(long value, int oneOf) {
    return switch (random.nextInt(oneOf)) {
      case 0 -> value ^ 1L << random.nextInt(64);
      case 1 -> random.nextInt(4) == 0 ? random.nextLong() : value;
      default -> value;
    };
  }

  private void registers() {
    Register[] all = Register.values();
    for (int i = 0; i < 16; i++) {
      cpu.register(all[i], interesting());
    }
    if (random.nextBoolean()) {
      cpu.register(Register.RSP, CODE - 8 * random.nextInt(64));
    }
    if (random.nextInt(4) == 0) {
      int[] indexes = {0x1B, 0x10, 0x174, 0x175, 0x176, 0x277, 0x6E0, 0x800, 0x830, 0x80B, 0x832};
      cpu.register(Register.RCX, indexes[random.nextInt(indexes.length)] + random.nextInt(2));
    }
    cpu.register(
        Register.RFLAGS, 2 | random.nextInt() & (random.nextBoolean() ? 0xCD5 : 0x25_7FD5));
    if (random.nextInt(8) == 0) {
      cpu.register(Register.DR7, random.nextInt() & 0xFFFF_FFFFL);
      cpu.register(Register.DR0, CODE + random.nextInt(64));
    }
  }

  private long interesting() {
    return switch (random.nextInt(10)) {
      case 0 -> 0;
      case 1 -> -1 - random.nextInt(16);
      case 2, 3 -> device();
      case 4 -> address();
      case 5 -> random.nextLong();
      case 6 -> 0xFFFF_FFFFL - random.nextInt(32);
      case 7 -> random.nextInt(0x1_0000);
      case 8 -> 0x7FFF_FFFF_FFFFL - random.nextInt(32);
      default -> CODE + 0x1000L * random.nextInt(5) - random.nextInt(32);
    };
  }

  private long address() {
    return random.nextInt(MEMORY_BYTES + 0x10_0000);
  }

  private long device() {
    long[] devices = {
      BoardLayout.LOCAL_APIC,
      BoardLayout.IOAPIC,
      BoardLayout.HPET,
      BoardLayout.ECAM + 0x8000 * random.nextInt(4),
      BoardLayout.ECAM + 0x1_0000,
      BoardLayout.PCI_WINDOW,
      MEMORY_BYTES,
      0xA_0000,
      BoardLayout.LOW_RAM_END,
    };
    return devices[random.nextInt(devices.length)] + random.nextInt(0x1000) - random.nextInt(2) * 8;
  }

  private int limit(int whole) {
    return random.nextInt(8) == 0 ? random.nextInt(whole) : whole;
  }

  private void mode() {
    int mode = random.nextInt(6);
    boolean user = random.nextInt(3) == 0;
    boolean paging = mode >= 3 || random.nextInt(3) == 0;
    long cr0 =
        (mode == 0 ? 0 : Cr0.PE) | Cr0.ET | Cr0.NE | random.nextInt() & 0x1_000E & random.nextInt();
    longMode = mode >= 3;
    cpu.register(Register.CR0, cr0 | (paging && mode != 0 ? Cr0.PG : 0));
    cpu.register(Register.CR3, random.nextInt(16) == 0 ? device() & ~0xFFFL : TABLES);
    long cr4 = Cr4.OSFXSR | Cr4.OSXSAVE | random.nextInt() & 0x36_06FF & random.nextInt();
    cpu.register(Register.CR4, longMode ? cr4 | Cr4.PAE : cr4);
    cpu.register(Register.XCR0, 7);
    cpu.msr((int) EFER, longMode ? Efer.LME | Efer.LMA | random.nextInt() & 0x801 : 0);
    int dpl = user && mode != 0 ? 3 : 0;
    int size =
        switch (mode) {
          case 0 -> 0;
          case 1, 3 -> 0x4000 * random.nextInt(2);
          case 2 -> 0x4000;
          default -> 0x2000;
        };
    long limit = random.nextInt(4) == 0 ? random.nextInt(0x20_0000) : 0xFFFF_FFFFL;
    long base = mode == 0 ? 0xF_0000 : mode >= 4 ? 0 : random.nextInt(4) * 16;
    cpu.segment(
        SegmentState.CS,
        new SegmentState(dpl == 0 ? 8 : 0x1B, base, limit, 0x809B | dpl << 5 | size));
    for (int number : new int[] {0, 2, 3, 4, 5}) {
      long start = random.nextInt(4) == 0 ? random.nextInt() & 0xFFFF_FFFFL : 0;
      cpu.segment(number, new SegmentState(dpl == 0 ? 16 : 0x23, start, limit, 0xC093 | dpl << 5));
    }
    cpu.segment(SegmentState.GDTR, new SegmentState(0, GDT, limit(0x1FF), 0));
    cpu.segment(SegmentState.IDTR, new SegmentState(0, IDT, limit(0xFFF), 0));
    cpu.segment(SegmentState.TR, new SegmentState(0x28, TSS, 0x67 + random.nextInt(100), 0x8B));
    long start = CODE + 0x1000L * random.nextInt(4);
    long rip = mode == 0 ? 0x1000L * random.nextInt(16) : start - base;
    cpu.register(Register.RIP, random.nextInt(4) == 0 ? rip + 0xFC0 : rip);
  }

  @Override
  public void close() {
    memory.close();
  }
}
