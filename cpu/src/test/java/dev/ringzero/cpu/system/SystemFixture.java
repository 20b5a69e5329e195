package dev.ringzero.cpu.system;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.ExitSignal;
import dev.ringzero.cpu.Flags;
import dev.ringzero.cpu.GuestFault;
import dev.ringzero.cpu.SemanticsTable;
import dev.ringzero.engine.Clock;
import dev.ringzero.engine.InterruptSource;
import dev.ringzero.memory.FrameMemory;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.IoBus;
import dev.ringzero.memory.RamRange;
import dev.ringzero.testkit.PageTables;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.Ept;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.PageEntry;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.instruction.Decoder;
import dev.ringzero.x86.instruction.Instruction;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;

/** A processor with descriptor tables in some RAM, put straight into the mode that a test needs. */
final class SystemFixture implements AutoCloseable {
  static final long GDT = 0x1000;
  static final long IDT = 0x2000;
  static final long TSS = 0x3000;
  static final long OTHER_TSS = 0x3800;
  static final long LDT = 0x4000;
  static final long DATA = 0x5000;
  static final long CODE = 0x8000;
  static final long HANDLER = 0x9000;
  static final long STACK = 0xA000;
  static final long INNER_STACK = 0xB000;
  static final long INTERRUPT_STACK = 0xC000;
  private static final long TABLES = 0x10_0000;
  private static final long RAM_BYTES = 4L << 20;

  static final int CODE_64 = 0x08;
  static final int DATA_0 = 0x10;
  static final int CODE_32 = 0x18;
  static final int USER_CODE_32 = 0x23;
  static final int USER_DATA = 0x2B;
  static final int USER_CODE_64 = 0x33;
  static final int TASK = 0x38; // two entries
  static final int LOCAL = 0x48; // two entries
  static final int GATE = 0x58; // two entries
  static final int CODE_16 = 0x68;
  static final int EXPAND_DOWN = 0x70;
  static final int ABSENT_DATA = 0x78;
  static final int CONFORMING_32 = 0x80;
  static final int OTHER_TASK = 0x88;
  static final int TASK_GATE = 0x90;
  static final int EXECUTE_ONLY = 0x98;
  static final int ABSENT_CODE = 0xA0;
  static final int BEYOND = 0xA8;

  final FrameMemory memory = new FrameMemory(FramePool.host(), List.of(new RamRange(0, RAM_BYTES)));
  final Cpu cpu = new Cpu();
  final Ports ports = new Ports();
  final Apic apic = new Apic();
  long time = 1000;

  SystemFixture() {
    cpu.io = ports;
    cpu.clock = new FixedClock();
    cpu.interrupts = apic;
    cpu.entropy = bytes -> bytes[0] = 0x5A;
    cpu.mmu.attach(memory);
    for (long gpa = 0; gpa < RAM_BYTES; gpa += 1L << 21) {
      memory.touch(gpa, Ept.RIGHTS);
    }
    ProcessorReset.reset(cpu, false, 0x600);
    cpu.mmu.enter();
  }

  /** 64-bit mode at CPL 0, everything mapped to itself for all privilege levels. */
  static SystemFixture longMode() {
    SystemFixture f = new SystemFixture();
    f.writeTables(true);
    PageTables tables = new PageTables(f.memory, PageTables.Format.FOUR_LEVEL, TABLES);
    for (long gpa = 0; gpa < RAM_BYTES; gpa += 1L << 21) {
      tables.mapLarge(gpa, gpa, PageEntry.RW | PageEntry.US, 21);
    }
    f.cpu.cr3 = tables.root();
    f.cpu.cr4 = Cr4.PAE;
    f.cpu.efer = Efer.LME | Efer.LMA | Efer.SCE | Efer.NXE;
    f.cpu.cr0 = Cr0.PE | Cr0.PG | Cr0.WP | Cr0.ET | Cr0.NE;
    f.enter(CODE_64, DATA_0);
    return f;
  }

  /** 32-bit protected mode at CPL 0, without paging. */
  static SystemFixture protectedMode() {
    SystemFixture f = new SystemFixture();
    f.writeTables(false);
    f.cpu.cr0 = Cr0.PE | Cr0.ET | Cr0.NE;
    f.enter(CODE_32, DATA_0);
    return f;
  }

  /** Real-address mode with code, data and stack in the first 64 KiB. */
  static SystemFixture realMode() {
    SystemFixture f = new SystemFixture();
    SegmentRegisters.loadParagraph(f.cpu, Cpu.CS, 0);
    f.cpu.rip = CODE;
    f.cpu.gpr[Cpu.RSP] = STACK;
    return f;
  }

  private void enter(int code, int data) {
    for (int segment = Cpu.ES; segment <= Cpu.GS; segment++) {
      SegmentRegisters.set(cpu, segment, data, descriptor(data));
    }
    SegmentRegisters.setCode(cpu, code, descriptor(code), code & 3);
    cpu.rip = CODE;
    cpu.gpr[Cpu.RSP] = STACK;
    ControlRegisters.stateReplaced(cpu, true);
  }

  /** Goes on at CPL 3 with these segments. */
  void user(int code) {
    enter(code, USER_DATA);
  }

  private void writeTables(boolean longMode) {
    int systemType = longMode ? 0x8B : 0x89;
    entry(CODE_64, segment(0, 0xF_FFFF, 0xA09B));
    entry(DATA_0, segment(0, 0xF_FFFF, 0xC093));
    entry(CODE_32, segment(0, 0xF_FFFF, 0xC09B));
    entry(USER_CODE_32, segment(0, 0xF_FFFF, 0xC0FB));
    entry(USER_DATA, segment(0, 0xF_FFFF, 0xC0F3));
    entry(USER_CODE_64, segment(0, 0xF_FFFF, 0xA0FB));
    entry(TASK, segment(TSS, 0x7FF, systemType & ~2));
    entry(LOCAL, segment(LDT, 0xFF, 0x82));
    entry(CODE_16, segment(0, 0xFFFF, 0x9B));
    entry(EXPAND_DOWN, segment(0, 0xFFF, 0x4097));
    entry(ABSENT_DATA, segment(0, 0xFFFF, 0x13));
    entry(CONFORMING_32, segment(0, 0xF_FFFF, 0xC09F));
    entry(OTHER_TASK, segment(OTHER_TSS, 0x67, 0x89));
    entry(TASK_GATE, gate(OTHER_TASK, 0, 0xE5));
    entry(EXECUTE_ONLY, segment(0, 0xF_FFFF, 0xC099));
    entry(ABSENT_CODE, segment(0, 0xF_FFFF, 0xC01B));
    cpu.system.gdtrBase = GDT;
    cpu.system.gdtrLimit = BEYOND - 1;
    cpu.system.idtrBase = IDT;
    cpu.system.idtrLimit = 0xFFF;
    cpu.system.loadTr(TASK, TSS, 0x7FF, 0x8B);
    write(GDT + TASK + 5, 1, 0x8B);
  }

  static long segment(long base, long limit, int access) {
    return limit & 0xFFFF
        | (base & 0xFF_FFFF) << 16
        | (long) (access & 0xFF) << 40
        | (limit >>> 16 & 0xF) << 48
        | (long) (access >>> 12 & 0xF) << 52
        | (base >>> 24 & 0xFF) << 56;
  }

  static long gate(int selector, long offset, int access) {
    return offset & 0xFFFF
        | (long) selector << 16
        | (long) (access & 0xFF) << 40
        | (offset >>> 16 & 0xFFFF) << 48;
  }

  void entry(int selector, long descriptor) {
    write(GDT + (selector & 0xFFF8), 8, descriptor);
  }

  long descriptor(int selector) {
    return read(GDT + (selector & 0xFFF8), 8);
  }

  /** An entry of the 64-bit IDT. */
  void gate64(int vector, int selector, long offset, int access, int interruptStack) {
    write(IDT + 16L * vector, 8, gate(selector, offset, access) | (long) interruptStack << 32);
    write(IDT + 16L * vector + 8, 8, offset >>> 32);
  }

  void gate32(int vector, int selector, long offset, int access) {
    write(IDT + 8L * vector, 8, gate(selector, offset, access));
  }

  void write(long gpa, int sizeBytes, long value) {
    for (int n = 0; n < sizeBytes; n++) {
      memory.write8(gpa + n, value >>> 8 * n & 0xFF);
    }
  }

  long read(long gpa, int sizeBytes) {
    long value = 0;
    for (int n = sizeBytes - 1; n >= 0; n--) {
      value = value << 8 | memory.read8(gpa + n);
    }
    return value;
  }

  /** Runs one instruction given in hexadecimal; faults and exits are thrown. */
  void execute(String hexadecimal) {
    byte[] code = HexFormat.of().parseHex(hexadecimal.replace(" ", ""));
    Instruction instruction = Decoder.decode(code, cpu.codeSize);
    if (instruction == null) {
      throw cpu.invalidOpcode();
    }
    cpu.nextRip = cpu.rip + instruction.length;
    cpu.gpr[Instruction.RIP] = cpu.nextRip;
    SemanticsTable.of(instruction.form).execute(cpu, instruction);
    cpu.rip = cpu.nextRip;
  }

  /** Runs one instruction and tells how it ended: "", "#GP(8)", or the reason of the exit. */
  String outcome(String hexadecimal) {
    try {
      execute(hexadecimal);
      return "";
    } catch (GuestFault fault) {
      return name(fault.vector)
          + (fault.hasErrorCode ? "(" + Integer.toHexString(fault.errorCode) + ")" : "");
    } catch (ExitSignal exit) {
      return cpu.exit.reason.name();
    }
  }

  private static String name(int vector) {
    return switch (vector) {
      case 1 -> "#DB";
      case 5 -> "#BR";
      case 6 -> "#UD";
      case 8 -> "#DF";
      case 10 -> "#TS";
      case 11 -> "#NP";
      case 12 -> "#SS";
      case 13 -> "#GP";
      case 14 -> "#PF";
      default -> "#" + vector;
    };
  }

  /** Raises an exception as the run loop does. */
  void raise(int vector, boolean hasErrorCode, int errorCode) {
    Events.raise(cpu, hasErrorCode ? cpu.fault(vector, errorCode) : cpu.fault(vector));
  }

  boolean triples(Runnable action) {
    try {
      action.run();
      return false;
    } catch (ExitSignal exit) {
      return cpu.exit.reason == ExitReason.TRIPLE_FAULT;
    }
  }

  boolean flag(long bit) {
    return (Flags.read(cpu) & bit) != 0;
  }

  void ioPrivilege(int level) {
    cpu.systemFlags = cpu.systemFlags & ~Rflags.IOPL | (long) level << 12;
  }

  @Override
  public void close() {
    cpu.mmu.leave();
    memory.close();
  }

  /** Ports that remember the last access. */
  static final class Ports implements IoBus {
    int port = -1;
    int sizeBytes;
    long written;
    long value;

    @Override
    public long readPort(int number, int size) {
      port = number;
      sizeBytes = size;
      return value;
    }

    @Override
    public void writePort(int number, int size, long newValue) {
      port = number;
      sizeBytes = size;
      written = newValue;
    }

    @Override
    public boolean claims(long gpa) {
      return false;
    }

    @Override
    public long read(long gpa, int size) {
      return -1;
    }

    @Override
    public void write(long gpa, int size, long newValue) {}
  }

  static final class Apic implements InterruptSource {
    int priority;

    @Override
    public boolean pending() {
      return false;
    }

    @Override
    public int acknowledge() {
      return -1;
    }

    @Override
    public int taskPriority() {
      return priority;
    }

    @Override
    public void taskPriority(int priorityClass) {
      priority = priorityClass;
    }
  }

  private final class FixedClock implements Clock {
    @Override
    public long nanoTime() {
      return 0;
    }

    @Override
    public Instant wallTime() {
      return Instant.EPOCH;
    }

    @Override
    public long tsc() {
      return time;
    }

    @Override
    public long tscHertz() {
      return 1_000_000_000L;
    }

    @Override
    public Alarm schedule(long deadlineNanos, Runnable action) {
      throw new UnsupportedOperationException("nothing here waits");
    }
  }
}
