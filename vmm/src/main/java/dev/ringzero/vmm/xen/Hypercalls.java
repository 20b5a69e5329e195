package dev.ringzero.vmm.xen;

import dev.ringzero.engine.Register;
import dev.ringzero.engine.SegmentState;
import dev.ringzero.engine.ShortCalls;
import java.nio.charset.StandardCharsets;

/**
 * The hypercalls of a paravirtual guest: what they do by number.
 *
 * <p>Not modelled: physical devices, debug registers, performance monitoring.
 *
 * @spec Xen public/xen.h, "HYPERCALLS"
 */
final class Hypercalls {
  private static final int MOST_CALLS = 64;
  private static final int MOST_SHORT_UPDATES = 32;
  private static final int MMU_UPDATE = 1;
  private static final int MULTICALL = 13;
  private static final int UPDATE_VA_MAPPING = 14;
  private static final int IRET = 23;
  private static final long MOST_TRAPS = 1024; // vectors may come again
  private static final int SCHED_OP = 29;
  private static final int YIELD = 0;
  private static final int MULTICALL_ENTRY_BYTES = 64;
  private static final int TRAP_BYTES = 16;

  private static final long VERSION = 4L << 16 | 17;
  private static final int PAGE_BYTES = 4096;

  /** Features: mmu_pt_update_preserve_ad, gnttab_map_avail_bits, pae_pgdir_above_4gb. */
  private static final int FEATURES = 1 << 5 | 1 << 7 | 1 << 4;

  private static final int SEGMENT_FS = 0;
  private static final int SEGMENT_GS_USER = 1;
  private static final int SEGMENT_GS_KERNEL = 2;
  private static final int SEGMENT_GS_USER_SELECTOR = 3;
  private static final int FS_BASE = 0xC000_0100;

  private final XenDomain domain;
  private final MmuCalls mmu;
  private final MemoryCalls memory;
  private final VcpuCalls vcpus;
  private final long[] counts = new long[MOST_CALLS];

  Hypercalls(XenDomain domain, VcpuCalls vcpus) {
    this.domain = domain;
    this.mmu = new MmuCalls(domain);
    this.memory = new MemoryCalls(domain);
    this.vcpus = vcpus;
  }

  /** Calls so far, by number. */
  long[] counts() {
    return counts;
  }

  /** What the interface calls a call, without its prefix. */
  static String name(int number) {
    return switch (number) {
      case 0 -> "set_trap_table";
      case MMU_UPDATE -> "mmu_update";
      case 2 -> "set_gdt";
      case 3 -> "stack_switch";
      case 5 -> "fpu_taskswitch";
      case 8 -> "set_debugreg";
      case 9 -> "get_debugreg";
      case 10 -> "update_descriptor";
      case 12 -> "memory_op";
      case MULTICALL -> "multicall";
      case UPDATE_VA_MAPPING -> "update_va_mapping";
      case 15 -> "set_timer_op";
      case 17 -> "xen_version";
      case 18 -> "console_io";
      case 20 -> "grant_table_op";
      case 21 -> "vm_assist";
      case IRET -> "iret";
      case 24 -> "vcpu_op";
      case 25 -> "set_segment_base";
      case 26 -> "mmuext_op";
      case SCHED_OP -> "sched_op";
      case 30 -> "callback_op";
      case 32 -> "event_channel_op";
      case 33 -> "physdev_op";
      default -> Integer.toString(number);
    };
  }

  MmuCalls mmu() {
    return mmu;
  }

  /** Does what a vCPU has just executed SYSCALL in its kernel for. RIP is behind it. */
  void call(XenVcpu vcpu) {
    int number = (int) vcpu.cpu.register(Register.RAX);
    if (number == IRET) {
      interruptReturn(vcpu);
      return;
    }
    long[] arguments = {
      vcpu.cpu.register(Register.RDI),
      vcpu.cpu.register(Register.RSI),
      vcpu.cpu.register(Register.RDX),
      vcpu.cpu.register(Register.R10),
      vcpu.cpu.register(Register.R8),
      vcpu.cpu.register(Register.R9)
    };
    long result;
    domain.lock.lock();
    try {
      result = result(vcpu, number, arguments);
    } finally {
      domain.lock.unlock();
    }
    vcpu.cpu.register(Register.RAX, result);
    if (number == SCHED_OP && arguments[0] == YIELD) {
      Thread.yield(); // without the lock, for which the other may wait
    }
  }

  /**
   * As {@link #call}, of changes of page tables alone, of which a kernel makes hundreds one by one
   * for each process. The vCPU is inside the guest.
   *
   * @return what RAX becomes; {@link ShortCalls#EXIT} for all other calls, and while others have
   *     the lock
   */
  long shortly(XenVcpu vcpu, long number, long first, long second, long third, long fourth) {
    boolean isShort =
        switch ((int) number) {
          case MMU_UPDATE -> Long.compareUnsigned(second & 0xFFFF_FFFFL, MOST_SHORT_UPDATES) <= 0;
          case UPDATE_VA_MAPPING -> (third & MmuCalls.FLUSH_OTHERS) == 0;
          default -> false;
        };
    if (!isShort || !vcpu.kernelMode || !domain.lock.tryLock()) {
      return ShortCalls.EXIT;
    }
    try {
      long[] arguments = vcpu.shortArguments;
      arguments[0] = first;
      arguments[1] = second;
      arguments[2] = third;
      arguments[3] = fourth;
      return result(vcpu, (int) number, arguments);
    } finally {
      domain.lock.unlock();
    }
  }

  private void interruptReturn(XenVcpu vcpu) {
    domain.lock.lock();
    try {
      count(IRET);
      vcpu.interruptReturn();
    } finally {
      domain.lock.unlock();
    }
  }

  private void count(int number) {
    if (number >= 0 && number < MOST_CALLS) {
      counts[number]++;
    }
  }

  private long result(XenVcpu vcpu, int number, long[] arguments) {
    count(number);
    try {
      return number == MULTICALL ? multicall(vcpu, arguments) : perform(vcpu, number, arguments);
    } catch (XenError e) {
      return e.number;
    }
  }

  private long multicall(XenVcpu vcpu, long[] a) {
    long entry = a[0];
    for (int i = 0; i < (int) a[1]; i++, entry += MULTICALL_ENTRY_BYTES) {
      domain.endIfAsked();
      int number = (int) vcpu.memory.read64(entry);
      long[] arguments = new long[6];
      for (int n = 0; n < arguments.length; n++) {
        arguments[n] = vcpu.memory.read64(entry + 16 + n * 8L);
      }
      long result =
          number == MULTICALL || number == IRET
              ? XenError.INVALID.number
              : result(vcpu, number, arguments);
      vcpu.memory.write64(entry + 8, result);
    }
    return 0;
  }

  private long perform(XenVcpu vcpu, int number, long[] a) {
    return switch (number) {
      case 0 -> setTrapTable(vcpu, a[0]);
      case MMU_UPDATE -> mmu.update(vcpu, a[0], (int) a[1], a[2], (int) a[3]);
      case 2 -> mmu.setGdt(vcpu, a[0], (int) a[1]);
      case 3 -> {
        vcpu.kernelStack = a[1];
        yield 0;
      }
      case 5 -> {
        vcpu.taskSwitched = a[0] != 0;
        yield 0;
      }
      case 8, 9 -> 0; // debug registers hold nothing
      case 10 -> mmu.updateDescriptor(a[0], a[1]);
      case 12 -> memory.operation(vcpu, (int) a[0], a[1]);
      case UPDATE_VA_MAPPING -> mmu.updateVaMapping(vcpu, a[0], a[1], a[2]);
      case 15 -> {
        vcpus.timer(vcpu, a[0]);
        yield 0;
      }
      case 17 -> version(vcpu, (int) a[0], a[1]);
      case 18 -> console(vcpu, (int) a[0], (int) a[1], a[2]);
      case 20 -> domain.grants.operation(vcpu, (int) a[0], a[1], (int) a[2]);
      case 21 -> assist((int) a[1]);
      case 24 -> vcpus.operation(vcpu, (int) a[0], (int) a[1], a[2]);
      case 25 -> setSegmentBase(vcpu, (int) a[0], a[1]);
      case 26 -> mmu.extended(vcpu, a[0], (int) a[1], a[2], (int) a[3]);
      case SCHED_OP -> vcpus.schedule(vcpu, (int) a[0], a[1]);
      case 30 -> registerCallback(vcpu, (int) a[0], a[1]);
      case 32 -> vcpus.eventChannel(vcpu, (int) a[0], a[1]);
      case 33 -> physicalDevice((int) a[0]);
      default -> throw XenError.NO_SYSTEM_CALL;
    };
  }

  private static long setTrapTable(XenVcpu vcpu, long table) {
    if (table == 0) {
      java.util.Arrays.fill(vcpu.trapAddresses, 0);
      return 0;
    }
    for (long at = table; at < table + MOST_TRAPS * TRAP_BYTES; at += TRAP_BYTES) {
      int vectorAndFlags = vcpu.memory.read16(at);
      long address = vcpu.memory.read64(at + 8);
      if (address == 0) {
        return 0;
      }
      vcpu.trapAddresses[vectorAndFlags & 0xFF] = address;
      vcpu.trapFlags[vectorAndFlags & 0xFF] = (byte) (vectorAndFlags >> 8);
    }
    throw XenError.INVALID;
  }

  private static long version(XenVcpu vcpu, int command, long argument) {
    switch (command) {
      case 0 -> {
        return VERSION;
      }
      case 1 -> text(vcpu, argument, ".0-ringzero", 16);
      case 3 -> text(vcpu, argument, "xen-3.0-x86_64", 1024);
      case 4 -> text(vcpu, argument, "unavailable", 64);
      case 5 -> vcpu.memory.write64(argument, MonitorArea.M2P);
      case 6 -> {
        boolean first = vcpu.memory.read32(argument) == 0;
        vcpu.memory.write32(argument + 4, first ? FEATURES : 0);
      }
      case 7 -> {
        return PAGE_BYTES;
      }
      default -> throw XenError.NO_SYSTEM_CALL;
    }
    return 0;
  }

  private static void text(XenVcpu vcpu, long at, String text, int room) {
    byte[] bytes = java.util.Arrays.copyOf(text.getBytes(StandardCharsets.US_ASCII), room);
    for (int i = 0; i < room; i += 8) {
      long word = 0;
      for (int n = 7; n >= 0; n--) {
        word = word << 8 | bytes[i + n] & 0xFF;
      }
      vcpu.memory.write64(at + i, word);
    }
  }

  private long console(XenVcpu vcpu, int command, int lengthBytes, long text) {
    if (command != 0) {
      return 0;
    }
    byte[] bytes = new byte[Math.clamp(lengthBytes, 0, PAGE_BYTES)];
    vcpu.memory.read(text, bytes);
    domain.console.write(bytes);
    return bytes.length;
  }

  private static long assist(int type) {
    return switch (type) {
      case 0, 3, 5 -> 0;
      default -> throw XenError.NO_SYSTEM_CALL;
    };
  }

  private static long setSegmentBase(XenVcpu vcpu, int which, long value) {
    switch (which) {
      case SEGMENT_FS -> XenVcpu.base(vcpu.cpu, FS_BASE, value);
      case SEGMENT_GS_USER -> XenVcpu.base(vcpu.cpu, XenVcpu.KERNEL_GS_BASE, value);
      case SEGMENT_GS_KERNEL -> XenVcpu.base(vcpu.cpu, XenVcpu.GS_BASE, value);
      case SEGMENT_GS_USER_SELECTOR -> {
        SegmentState now = vcpu.cpu.segment(SegmentState.GS);
        long descriptor = vcpu.descriptor((int) value & 0xFFFF);
        SegmentState user = XenVcpu.segment((int) value & 0xFFFF, descriptor);
        vcpu.cpu.msr(XenVcpu.KERNEL_GS_BASE, descriptor == 0 ? 0 : user.base());
        vcpu.cpu.segment(
            SegmentState.GS,
            new SegmentState(user.selector(), now.base(), now.limit(), now.accessRights()));
      }
      default -> throw XenError.INVALID;
    }
    return 0;
  }

  private static long registerCallback(XenVcpu vcpu, int command, long argument) {
    if (command != 0) {
      throw XenError.NO_SYSTEM_CALL;
    }
    int type = vcpu.memory.read16(argument) & 0xFFFF;
    int flags = vcpu.memory.read16(argument + 2);
    long address = vcpu.memory.read64(argument + 8);
    switch (type) {
      case 0 -> vcpu.eventCallback = address;
      case 2 -> {
        vcpu.syscallCallback = address;
        vcpu.syscallMasks = (flags & 1) != 0;
      }
      case 7 -> {
        vcpu.shortSyscallCallback = address;
        vcpu.shortSyscallMasks = (flags & 1) != 0;
      }
      case 1, 5 -> {} // failsafe and SYSENTER, which are never entered
      default -> throw XenError.NO_SYSTEM_CALL;
    }
    return 0;
  }

  private static long physicalDevice(int command) {
    return switch (command) {
      case 6, 7 -> 0; // set_iopl, set_iobitmap: ports lead nowhere
      default -> throw XenError.NO_SYSTEM_CALL;
    };
  }
}
