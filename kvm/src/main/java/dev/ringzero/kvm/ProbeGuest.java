package dev.ringzero.kvm;

import dev.ringzero.engine.Clock;
import dev.ringzero.engine.InterruptSource;
import dev.ringzero.engine.Register;
import dev.ringzero.engine.SegmentState;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.memory.ContiguousMemory;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.IoBus;
import dev.ringzero.memory.RamRange;
import dev.ringzero.x86.ExitReason;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;

/**
 * A guest of a few instructions: from real mode into long mode, to a port and to a device, and one
 * that every kernel uses and KVM's own emulator lacks.
 */
final class ProbeGuest implements IoBus, Clock {
  private static final long CODE = 0x1000;
  private static final long GDT_POINTER = 0x1100;
  private static final long GDT = 0x1108;
  private static final long PML4 = 0x2000;
  private static final long PDPT = 0x3000;
  private static final long PAGE_DIRECTORY = 0x4000;
  private static final long RAM_BYTES = 0x20_0000;
  private static final long DEVICE = 0x40_0000;
  private static final int PORT = 0x10;
  private static final int SENT = 0x5A;
  private static final long TABLE = 3;
  private static final long LARGE_PAGE = 0x83;

  private static final String PROGRAM =
      "B0 5A E6 10" // mov al, 5Ah; out 10h, al
          + "FA 31 C0 8E D8" // cli; xor ax, ax; mov ds, ax
          + "66 0F 01 16 00 11" // lgdt [1100h]
          + "66 B8 20 00 00 00 0F 22 E0" // mov eax, 20h; mov cr4, eax
          + "66 B8 00 20 00 00 0F 22 D8" // mov eax, 2000h; mov cr3, eax
          + "66 B9 80 00 00 C0 0F 32" // mov ecx, 0C0000080h; rdmsr
          + "66 0D 00 01 00 00 0F 30" // or eax, 100h; wrmsr
          + "66 B8 11 00 00 80 0F 22 C0" // mov eax, 80000011h; mov cr0, eax
          + "66 EA 42 10 00 00 08 00" // jmp 8:1042h
          + "31 C0 0F A2" // xor eax, eax; cpuid
          + "89 1C 25 00 00 40 00" // mov [400000h], ebx
          + "31 C0 99 F0 48 0F C7 0C 25 00 50 00 00 F4"; // lock cmpxchg16b [5000h]; hlt

  private long vendor = -1;
  private int sent;

  /** Whether everything arrived; stops by itself when {@code watchdog} stops the vCPU. */
  boolean runs(KvmProbe.Watchdog watchdog) {
    try (ContiguousMemory memory =
            new ContiguousMemory(FramePool.host(), List.of(new RamRange(0, RAM_BYTES)));
        KvmEngine engine = new KvmEngine(memory, this, List.of())) {
      load(memory);
      VirtualCpu cpu = engine.createCpu(0, InterruptSource.NONE, this);
      cpu.segment(SegmentState.CS, new SegmentState(0, 0, 0xFFFF, 0x9B));
      cpu.register(Register.RIP, CODE);
      try (AutoCloseable guard = watchdog.guard(cpu)) {
        return cpu.run() == ExitReason.HLT
            && sent == SENT
            && vendor == (cpu.register(Register.RBX) & 0xFFFF_FFFFL);
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static void load(ContiguousMemory memory) {
    memory.write(CODE, HexFormat.of().parseHex(PROGRAM.replace(" ", "")));
    memory.write64(GDT_POINTER, 0xF | GDT << 16);
    memory.write64(GDT + 8, 0x00AF_9B00_0000_FFFFL);
    memory.write64(PML4, PDPT | TABLE);
    memory.write64(PDPT, PAGE_DIRECTORY | TABLE);
    memory.write64(PAGE_DIRECTORY, LARGE_PAGE);
    memory.write64(PAGE_DIRECTORY + 16, DEVICE | LARGE_PAGE);
  }

  @Override
  public long readPort(int port, int sizeBytes) {
    return -1;
  }

  @Override
  public void writePort(int port, int sizeBytes, long value) {
    if (port == PORT) {
      sent = (int) value;
    }
  }

  @Override
  public boolean claims(long gpa) {
    return gpa == DEVICE;
  }

  @Override
  public long read(long gpa, int sizeBytes) {
    return -1;
  }

  @Override
  public void write(long gpa, int sizeBytes, long value) {
    if (gpa == DEVICE) {
      vendor = value;
    }
  }

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
    return 1_000_000_000;
  }

  @Override
  public Alarm schedule(long deadlineNanos, Runnable action) {
    throw new UnsupportedOperationException("no alarms here");
  }
}
