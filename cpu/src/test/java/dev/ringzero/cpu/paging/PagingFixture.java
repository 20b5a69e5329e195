package dev.ringzero.cpu.paging;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.ExitSignal;
import dev.ringzero.engine.Clock;
import dev.ringzero.memory.FrameMemory;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.memory.IoBus;
import dev.ringzero.memory.RamRange;
import dev.ringzero.testkit.PageTables;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.Ept;
import dev.ringzero.x86.ExitReason;
import java.time.Instant;
import java.util.List;

/** A processor with some RAM, page tables, and one device, for the tests of this package. */
final class PagingFixture implements AutoCloseable {
  static final long RAM_BYTES = 16L << 20;
  static final long TABLES = 0x10_0000;
  static final long DEVICE_GPA = 0xFEC0_0000L;

  final FrameMemory memory;
  final Cpu cpu;
  final Mmu mmu;
  final Device device = new Device();
  PageTables tables;

  PagingFixture() {
    this(new FrameMemory(FramePool.host(), List.of(new RamRange(0, RAM_BYTES))));
  }

  /** One more processor on the same memory. */
  PagingFixture(FrameMemory memory) {
    this.memory = memory;
    cpu = new Cpu();
    cpu.io = device;
    cpu.clock = new StoppedClock();
    mmu = cpu.mmu;
    mmu.attach(memory);
    mmu.enter();
  }

  /** Turns on paging with empty tables of this format, NXE and WP. */
  void enable(PageTables.Format format) {
    tables = new PageTables(memory, format, TABLES);
    use(tables, format);
  }

  void use(PageTables existing, PageTables.Format format) {
    tables = existing;
    cpu.cr3 = tables.root();
    cpu.cr0 |= Cr0.PE | Cr0.PG | Cr0.WP;
    switch (format) {
      case BITS_32 -> cpu.cr4 |= Cr4.PSE | Cr4.PGE;
      case PAE -> {
        cpu.cr4 |= Cr4.PAE | Cr4.PGE;
        cpu.efer |= Efer.NXE;
      }
      case FOUR_LEVEL -> {
        cpu.cr4 |= Cr4.PAE | Cr4.PGE;
        cpu.efer |= Efer.NXE | Efer.LME | Efer.LMA;
        cpu.codeSize = 64;
      }
    }
    mmu.modeChanged();
    mmu.rootChanged(true);
  }

  /** Gives all RAM its frames, as the monitor does exit by exit. */
  void touchAll() {
    for (long gpa = 0; gpa < RAM_BYTES; gpa += 1L << 21) {
      memory.touch(gpa, Ept.RIGHTS);
    }
  }

  /** Runs an access, with first-touch exits handled as the monitor does. */
  void run(Runnable access) {
    while (true) {
      try {
        access.run();
        return;
      } catch (ExitSignal exit) {
        if (cpu.exit.reason != ExitReason.EPT_VIOLATION
            || memory.touch(cpu.exit.gpa, Ept.RIGHTS) != GuestMemory.Outcome.MAPPED) {
          throw exit;
        }
      }
    }
  }

  void cpl(int level) {
    cpu.cpl = level;
    mmu.modeChanged();
  }

  @Override
  public void close() {
    mmu.leave();
    memory.close();
  }

  /** A device of one register page that remembers the last access. */
  static final class Device implements IoBus {
    long value;
    int lastSize;
    int reads;
    Runnable onWrite = () -> {};

    @Override
    public long readPort(int port, int sizeBytes) {
      return -1L >>> 64 - 8 * sizeBytes;
    }

    @Override
    public void writePort(int port, int sizeBytes, long written) {}

    @Override
    public boolean claims(long gpa) {
      return gpa >= DEVICE_GPA && gpa < DEVICE_GPA + 4096;
    }

    @Override
    public long read(long gpa, int sizeBytes) {
      reads++;
      lastSize = sizeBytes;
      long all = -1L >>> 64 - 8 * sizeBytes;
      return claims(gpa) ? value & all : all;
    }

    @Override
    public void write(long gpa, int sizeBytes, long written) {
      lastSize = sizeBytes;
      value = written;
      onWrite.run();
    }
  }

  private static final class StoppedClock implements Clock {
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
      return 0;
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
