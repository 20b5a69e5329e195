package dev.ringzero.vmm.xen;

import dev.ringzero.engine.Clock;
import dev.ringzero.engine.Register;
import dev.ringzero.engine.SegmentState;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.vmm.xen.FrameTable.Type;
import dev.ringzero.x86.Rflags;

/**
 * A vCPU of a paravirtual guest. Kernel and user programs of the guest both run at CPL 3; which of
 * them runs decides the page tables, and this class remembers it. Exceptions, events and system
 * calls reach the kernel by frames that are put on its stack.
 *
 * @spec Xen, arch/x86/x86_64/entry.S, "create_bounce_frame"; public/arch-x86/xen-x86_64.h
 */
final class XenVcpu {
  static final int UPCALL_PENDING = 0; // vcpu_info
  static final int UPCALL_MASK = 1;
  private static final int PENDING_SELECTOR = 8;
  private static final int CR2 = 16;
  private static final int TIME = 32;

  static final int FLAT_CODE_64 = 0xE033;
  static final int FLAT_DATA = 0xE02B;

  static final int GS_BASE = 0xC000_0101;
  static final int KERNEL_GS_BASE = 0xC000_0102;

  private static final long FLAGS_CLEARED =
      Rflags.AC | Rflags.VM | Rflags.RF | Rflags.NT | Rflags.TF;
  private static final int IN_SYSCALL = 0x100; // iret: RCX and R11 are not restored
  private static final SegmentState FLAT_CODE = segment(FLAT_CODE_64, Descriptors.FLAT_CODE_64);
  private static final SegmentState FLAT_STACK = segment(FLAT_DATA, Descriptors.FLAT_DATA);

  final int id;
  final VirtualCpu cpu;
  final GuestAccess memory = new GuestAccess();

  /** Of {@link Hypercalls#shortly}, so that it allocates nothing. */
  final long[] shortArguments = new long[6];

  final CachedTranslations translations;
  private final XenDomain domain;
  private final Runnable kick;

  // Entry points of the guest's kernel.
  final long[] trapAddresses = new long[256];
  final byte[] trapFlags = new byte[256];
  long eventCallback;
  long syscallCallback;
  boolean syscallMasks;

  /** For programs in compatibility mode. */
  long shortSyscallCallback;

  boolean shortSyscallMasks;

  boolean kernelMode = true;
  long kernelStack;
  boolean taskSwitched;
  boolean online;

  /** Top tables, as machine frames; 0 for none. */
  long kernelTable;

  long userTable;

  volatile long infoHpa;
  private Clock.Alarm timer;

  // Descriptor tables that the guest has set.
  long[] gdtFrames = new long[0];
  int gdtEntries;
  long[] ldtFrames = new long[0];
  private int ldtEntries;

  /** Whether it may be brought up: the first at once, others when the guest has described them. */
  boolean initialised;

  /** Whether it has had its first state. */
  boolean started;

  /** Whether the guest has moved what it shares of this vCPU. */
  boolean infoMoved;

  /** Sets the first state, on the vCPU's own thread. */
  Runnable start = () -> {};

  long[] initialGdt = new long[0];

  /** Ports that a poll waits for. */
  private volatile int[] polled;

  private Clock.Alarm pollEnd;

  /** Whether the time is over until which a poll waits. */
  private volatile boolean pollOver;

  XenVcpu(XenDomain domain, VirtualCpu cpu, long infoHpa, Runnable kick) {
    this.domain = domain;
    this.id = cpu.id();
    this.cpu = cpu;
    translations = new CachedTranslations(cpu);
    this.infoHpa = infoHpa;
    this.kick = kick;
  }

  /** A segment register as a descriptor makes it, at privilege level 3. */
  static SegmentState segment(int selector, long descriptor) {
    int access = (int) (descriptor >>> 40) & 0xF0FF | 0x60;
    long limit = descriptor & 0xFFFF | (descriptor >>> 32 & 0xF0000);
    if ((access & 0x8000) != 0) {
      limit = limit << 12 | 0xFFF;
    }
    long base = descriptor >>> 16 & 0xFF_FFFF | (descriptor >>> 56) << 24;
    return new SegmentState(selector, base, limit, access);
  }

  // --- address spaces

  void loadKernelTables() {
    memory.root(kernelTable << FramePool.FRAME_SHIFT);
    translations.kernelTable(kernelTable);
  }

  /** New top table of the kernel, which runs. */
  void switchKernelTable(long mfn) {
    domain.tables.take(mfn, Type.L4);
    long before = kernelTable;
    kernelTable = mfn;
    loadKernelTables();
    if (before != 0) {
      domain.tables.give(before, Type.L4);
    }
  }

  /** New top table of user programs; 0 for none. */
  void switchUserTable(long mfn) {
    if (mfn != 0) {
      domain.tables.take(mfn, Type.L4);
    }
    long before = userTable;
    userTable = mfn;
    translations.programTable(mfn);
    if (before != 0) {
      domain.tables.give(before, Type.L4);
    }
  }

  private void enterKernel() {
    kernelMode = true;
    swapGs();
    memory.root(kernelTable << FramePool.FRAME_SHIFT);
    translations.enter(false);
  }

  private void enterUser() {
    if (userTable == 0) {
      throw XenError.INVALID;
    }
    kernelMode = false;
    swapGs();
    memory.root(userTable << FramePool.FRAME_SHIFT);
    translations.enter(true);
  }

  /**
   * Sets a base of FS or GS.
   *
   * @throws XenError if it is no address
   */
  static void base(VirtualCpu cpu, int msr, long linear) {
    requireCanonical(linear);
    cpu.msr(msr, linear);
  }

  static void requireCanonical(long linear) {
    if (linear << 16 >> 16 != linear) {
      throw XenError.INVALID;
    }
  }

  private void swapGs() {
    long active = cpu.msr(GS_BASE);
    cpu.msr(GS_BASE, cpu.msr(KERNEL_GS_BASE));
    cpu.msr(KERNEL_GS_BASE, active);
  }

  void ldt(int entries) {
    ldtEntries = entries;
    long base = MonitorArea.gdt(id) + MonitorArea.TABLE_BYTES;
    int present = entries == 0 ? SegmentState.UNUSABLE : 0x82;
    cpu.segment(SegmentState.LDTR, new SegmentState(0, base, entries * 8L - 1, present));
  }

  // --- events

  /** The vCPU waits until one of these ports has an event, masked or not. */
  void poll(int[] ports) {
    polled = ports;
  }

  void wakeIfPolling() {
    if (polled != null) {
      kick.run();
    }
  }

  /** At the latest then the wait ends. */
  void pollUntil(long deadlineNanos) {
    pollEnd =
        domain.clock.schedule(
            deadlineNanos,
            () -> {
              pollOver = true;
              kick.run();
            });
  }

  void endPoll() {
    polled = null;
    pollOver = false;
    if (pollEnd != null) {
      pollEnd.cancel();
      pollEnd = null;
    }
  }

  /** Whether a vCPU that waits has reason to go on. */
  boolean wakes() {
    int[] ports = polled;
    return pollOver
        || upcallPending() && !upcallMasked()
        || ports != null && domain.events.anyPending(ports);
  }

  boolean upcallMasked() {
    return MachineMemory.read8(infoHpa + UPCALL_MASK) != 0;
  }

  void maskUpcalls(boolean masked) {
    MachineMemory.write8(infoHpa + UPCALL_MASK, masked ? 1 : 0);
  }

  boolean upcallPending() {
    return MachineMemory.read8(infoHpa + UPCALL_PENDING) != 0;
  }

  /** Announces an event. Any thread. */
  void eventPending(int port) {
    EventChannels.or(infoHpa + PENDING_SELECTOR, 1L << (port >> 6));
    MachineMemory.write8(infoHpa + UPCALL_PENDING, 1);
    kick.run();
  }

  /** Moves what the guest and the monitor share of this vCPU to another place. */
  void moveInfo(long hpa) {
    for (int at = 0; at < EventChannels.SharedInfo.VCPU_INFO_BYTES; at += 8) {
      MachineMemory.write64(hpa + at, MachineMemory.read64(infoHpa + at));
    }
    infoHpa = hpa;
    MachineMemory.write64(hpa + PENDING_SELECTOR, -1);
    MachineMemory.write8(hpa + UPCALL_PENDING, 1);
  }

  /** Tells the guest how its time-stamp counter is to be read. */
  void publishTime(Clock clock) {
    long time = infoHpa + TIME;
    MachineMemory.write64(time + 8, 0);
    MachineMemory.write64(time + 16, 0);
    // Nanoseconds are ticks, shifted by one and multiplied by a half.
    if (clock.tscHertz() != 1_000_000_000) {
      throw new IllegalStateException("the guest's clock is not in nanoseconds");
    }
    MachineMemory.write32(time + 24, 0x8000_0000L);
    MachineMemory.write8(time + 28, 1);
    MachineMemory.write8(time + 29, 1);
    MachineMemory.write32(time, 2);
  }

  synchronized void startTimer(long deadlineNanos) {
    stopTimer();
    timer =
        domain.clock.schedule(
            deadlineNanos, () -> domain.events.raiseVirq(EventChannels.VIRQ_TIMER, id));
  }

  synchronized void stopTimer() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  // --- entries into the guest's kernel

  /** Whether an event waits that may be told. */
  boolean hasEvents() {
    return eventCallback != 0 && upcallPending() && !upcallMasked();
  }

  /** Before the guest runs: the event callback, if an event waits and may be told. */
  void deliverEvents() {
    if (hasEvents()) {
      bounce(eventCallback, true, false, 0);
    }
  }

  void deliverTrap(int vector, boolean hasErrorCode, int errorCode) {
    long address = trapAddresses[vector];
    if (address == 0) {
      throw new XenDomain.Crash("no handler for exception " + vector);
    }
    bounce(address, (trapFlags[vector] & 4) != 0, hasErrorCode, errorCode);
  }

  void deliverPageFault(long linear, int errorCode) {
    MachineMemory.write64(infoHpa + CR2, linear);
    cpu.register(Register.CR2, linear);
    int code = kernelMode ? errorCode & ~4 : errorCode | 4;
    deliverTrap(14, true, code);
  }

  void deliverSyscall(boolean wide) {
    if (wide) {
      bounce(syscallCallback, syscallMasks, false, 0);
    } else {
      bounce(shortSyscallCallback, shortSyscallMasks, false, 0);
    }
  }

  /** Enters the kernel at an address, with a frame of what ran. */
  void bounce(long address, boolean mask, boolean hasErrorCode, int errorCode) {
    boolean fromKernel = kernelMode;
    long stack = fromKernel ? cpu.register(Register.RSP) : kernelStack;
    if (!fromKernel) {
      enterKernel();
    }
    boolean masked = upcallMasked();
    int code = cpu.segment(SegmentState.CS).selector();
    code = fromKernel ? code & ~3 : code | 3;
    long flags = cpu.register(Register.RFLAGS);
    long at = stack & -16L;
    try {
      at = push(at, cpu.segment(SegmentState.SS).selector());
      at = push(at, cpu.register(Register.RSP));
      at = push(at, masked ? flags & ~Rflags.IF : flags | Rflags.IF);
      at = push(at, code | (masked ? 1L << 32 : 0));
      at = push(at, cpu.register(Register.RIP));
      if (hasErrorCode) {
        at = push(at, errorCode);
      }
      at = push(at, cpu.register(Register.R11));
      at = push(at, cpu.register(Register.RCX));
    } catch (XenError e) {
      throw new XenDomain.Crash("the kernel's stack at 0x" + Long.toHexString(at) + " is gone");
    }
    cpu.register(Register.RSP, at);
    cpu.register(Register.RIP, address);
    cpu.register(Register.RFLAGS, flags & ~FLAGS_CLEARED | Rflags.IF);
    cpu.segment(SegmentState.CS, FLAT_CODE);
    cpu.segment(SegmentState.SS, FLAT_STACK);
    if (mask) {
      maskUpcalls(true);
    }
  }

  private long push(long at, long value) {
    memory.write64(at - 8, value);
    return at - 8;
  }

  /** HYPERVISOR_iret: goes on with what a frame on the kernel's stack says. */
  void interruptReturn() {
    long frame = cpu.register(Register.RSP);
    long rax = memory.read64(frame);
    long r11 = memory.read64(frame + 8);
    long rcx = memory.read64(frame + 16);
    long how = memory.read64(frame + 24);
    long rip = memory.read64(frame + 32);
    int code = (int) memory.read64(frame + 40) & 0xFFFF;
    long flags = memory.read64(frame + 48);
    long rsp = memory.read64(frame + 56);
    int stack = (int) memory.read64(frame + 64) & 0xFFFF;
    SegmentState codeSegment = loadSegment(code | 3, true);
    SegmentState stackSegment = loadSegment(stack | 3, false);
    if ((code & 3) == 3) {
      enterUser();
    }
    cpu.register(Register.RIP, rip);
    cpu.register(Register.RFLAGS, flags & ~(Rflags.IOPL | Rflags.VM) | Rflags.IF | Rflags.FIXED);
    cpu.register(Register.RSP, rsp);
    cpu.segment(SegmentState.CS, codeSegment);
    cpu.segment(SegmentState.SS, stackSegment);
    cpu.register(Register.RAX, rax);
    if ((how & IN_SYSCALL) == 0) {
      cpu.register(Register.R11, r11);
      cpu.register(Register.RCX, rcx);
    } else {
      cpu.register(Register.R11, flags);
      cpu.register(Register.RCX, rip);
    }
    maskUpcalls((flags & Rflags.IF) == 0);
  }

  private SegmentState loadSegment(int selector, boolean code) {
    if (selector == FLAT_CODE_64 && code) {
      return FLAT_CODE;
    }
    if (selector == FLAT_DATA && !code) {
      return FLAT_STACK;
    }
    long descriptor = descriptor(selector);
    boolean isCode = (descriptor >>> 43 & 3) == 3;
    boolean isData = (descriptor >>> 43 & 3) == 2;
    if ((descriptor >>> 47 & 1) == 0 || (code ? !isCode : !isData)) {
      return code ? FLAT_CODE : FLAT_STACK; // Xen enters the failsafe callback
    }
    return segment(selector, descriptor);
  }

  /** A descriptor of the guest's, or 0. */
  long descriptor(int selector) {
    int index = selector >> 3;
    if ((selector & 4) != 0) {
      return index < ldtEntries ? descriptor(ldtFrames, index) : 0; // as checked, not as mapped
    }
    if (index >= MonitorArea.GUEST_GDT_FRAMES * 512) {
      return switch (selector & ~3) {
        case 0xE020 -> Descriptors.FLAT_CODE_32;
        case 0xE028 -> Descriptors.FLAT_DATA;
        case 0xE030 -> Descriptors.FLAT_CODE_64;
        default -> 0;
      };
    }
    if (index >= gdtEntries) {
      return 0;
    }
    return descriptor(gdtFrames, index);
  }

  private static long descriptor(long[] frames, int index) {
    return MachineMemory.read64((frames[index / 512] << FramePool.FRAME_SHIFT) + index % 512 * 8L);
  }
}
