package dev.ringzero.vmm.memory;

import dev.ringzero.engine.Register;
import dev.ringzero.engine.SegmentState;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.engine.VmExit;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.InterruptionInformation;
import dev.ringzero.x86.MonitorEntry;
import dev.ringzero.x86.PageEntry;
import dev.ringzero.x86.PageFaultError;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.EnumMap;
import java.util.Map;

/**
 * A processor without TLB that walks shadow tables and asks the monitor when they lack something.
 */
final class ShadowProcessor {
  private static final int MOST_EXITS = 8;

  private final Map<Register, Long> registers = new EnumMap<>(Register.class);
  private final VmExit exit = new VmExit();
  private final MemoryExits monitor;
  private final VirtualCpu cpu;
  private final int id;
  private long efer = Efer.LME | Efer.LMA | Efer.NXE;
  private int cpl;
  private long root;

  /** The last page fault that the guest got: its error code, or -1. */
  int fault = -1;

  ShadowProcessor(MemoryExits monitor, int id, long cr3) {
    this.monitor = monitor;
    this.id = id;
    this.cpu =
        (VirtualCpu)
            Proxy.newProxyInstance(
                VirtualCpu.class.getClassLoader(), new Class<?>[] {VirtualCpu.class}, this::call);
    registers.put(Register.CR0, (long) (Cr0.PE | Cr0.PG | Cr0.WP));
    registers.put(Register.CR4, (long) (Cr4.PAE | Cr4.PGE));
    registers.put(Register.CR3, cr3);
    registers.put(Register.RFLAGS, (long) Rflags.FIXED);
    monitor.attach(cpu);
  }

  private Object call(Object proxy, Method method, Object[] arguments) {
    return switch (method.getName()) {
      case "id" -> id;
      case "exit" -> exit;
      case "msr" -> efer;
      case "register" -> registers.get((Register) arguments[0]);
      case "segment" -> new SegmentState(0, 0, 0, cpl << 5);
      case "tableRoot" -> {
        root = (long) arguments[0];
        yield null;
      }
      case "reflectPageFault" -> {
        fault = (int) arguments[1];
        yield true;
      }
      default -> throw new UnsupportedOperationException(method.getName());
    };
  }

  void register(Register register, long value) {
    registers.put(register, value);
    root = 0;
  }

  void efer(long value) {
    efer = value;
    root = 0;
  }

  void invalidate() {
    monitor.handle(cpu, ExitReason.INVLPG);
  }

  /**
   * The machine address that an access reaches, the gpa of a device with {@link
   * MonitorEntry#DEVICE}, or -1 if the guest got a page fault.
   *
   * @param access bits of {@link PageFaultError}
   */
  long access(long linear, int access) {
    fault = -1;
    cpl = (access & PageFaultError.US) != 0 ? 3 : 0;
    for (int i = 0; i < MOST_EXITS; i++) {
      if (root == 0) {
        handle(ExitReason.CR_ACCESS);
      }
      long entry = walk(linear, access);
      if (entry >= 0) {
        return entry;
      }
      exit.gva = linear;
      exit.interruptionInformation = InterruptionInformation.exception(Vector.PF, true);
      exit.interruptionErrorCode = access;
      handle(ExitReason.EXCEPTION_OR_NMI);
      if (fault >= 0) {
        return -1;
      }
    }
    throw new AssertionError("the monitor does not come to an end");
  }

  private void handle(ExitReason reason) {
    MemoryExits.Outcome outcome = monitor.handle(cpu, reason);
    if (outcome != MemoryExits.Outcome.DONE) {
      throw new AssertionError(reason + ": " + outcome);
    }
  }

  private long walk(long linear, int access) {
    long table = root;
    long allow = -1L;
    long deny = 0;
    for (int shift = 39; ; shift -= 9) {
      long entry = MachineMemory.read64(table + (linear >>> shift & 511) * 8);
      if ((entry & PageEntry.P) == 0) {
        return -1;
      }
      boolean leaf = shift == 12 || (entry & PageEntry.PS) != 0;
      boolean told = leaf && (entry & MonitorEntry.TOLD) != 0;
      allow &= told ? entry | PageEntry.RW : entry;
      deny |= entry;
      if (leaf) {
        boolean refused =
            (access & PageFaultError.US) != 0 && (allow & PageEntry.US) == 0
                || (access & PageFaultError.WR) != 0 && (allow & PageEntry.RW) == 0
                || (access & PageFaultError.ID) != 0 && (deny & PageEntry.XD) != 0;
        long offset = (1L << shift) - 1;
        long page = entry & PageEntry.ADDRESS & ~offset | linear & offset & -4096L;
        return refused ? -1 : page | entry & MonitorEntry.DEVICE;
      }
      table = entry & PageEntry.ADDRESS;
    }
  }
}
