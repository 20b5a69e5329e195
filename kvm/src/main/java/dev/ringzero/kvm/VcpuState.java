package dev.ringzero.kvm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The parts of a vCPU that KVM hands over as whole structures, and its model-specific registers.
 */
final class VcpuState {
  static final int IA32_TIME_STAMP_COUNTER = 0x10;
  private static final int IA32_TSC_DEADLINE = 0x6E0;

  /** What RESET clears, and KVM does not; those that the host lacks are left out. */
  private static final int[] CLEARED_MSRS = {
    0x174,
    0x175,
    0x176, // IA32_SYSENTER_CS, _ESP, _EIP
    0xC000_0081,
    0xC000_0082,
    0xC000_0083,
    0xC000_0084, // IA32_STAR, LSTAR, CSTAR, FMASK
    0xC000_0102,
    0xC000_0103, // IA32_KERNEL_GS_BASE, IA32_TSC_AUX
  };

  private static final int IA32_MISC_ENABLE = 0x1A0;
  private static final long FAST_STRINGS = 1; // Fast-Strings Enable
  private static final int IA32_PAT = 0x277;
  private static final long PAT_AFTER_RESET = 0x0007_0406_0007_0406L;

  private static final Ioctl[][] STRUCTURES = {
    {Ioctl.KVM_GET_SREGS, Ioctl.KVM_SET_SREGS},
    {Ioctl.KVM_GET_LAPIC, Ioctl.KVM_SET_LAPIC},
    {Ioctl.KVM_GET_MP_STATE, Ioctl.KVM_SET_MP_STATE},
    {Ioctl.KVM_GET_REGS, Ioctl.KVM_SET_REGS},
    {Ioctl.KVM_GET_XCRS, Ioctl.KVM_SET_XCRS},
    {Ioctl.KVM_GET_FPU, Ioctl.KVM_SET_FPU},
    {Ioctl.KVM_GET_XSAVE, Ioctl.KVM_SET_XSAVE},
    {Ioctl.KVM_GET_DEBUGREGS, Ioctl.KVM_SET_DEBUGREGS},
    {Ioctl.KVM_GET_VCPU_EVENTS, Ioctl.KVM_SET_VCPU_EVENTS},
  };

  private static final int SIZE_SHIFT = 16;
  private static final int SIZE_MASK = 0x3FFF;

  private final KvmFile file;
  private final MemorySegment msrs =
      Arena.ofAuto()
          .allocate(KvmLayouts.KVM_MSRS.byteSize() + KvmLayouts.KVM_MSR_ENTRY.byteSize(), 8);

  private final SavedMsrs savedMsrs;

  /**
   * The state of a vCPU.
   *
   * @param savedMsrs the registers that a saved state holds besides the time-stamp counter
   */
  VcpuState(KvmFile file, SavedMsrs savedMsrs) {
    this.file = file;
    this.savedMsrs = savedMsrs;
  }

  /** Whether KVM knows the register. */
  private boolean fetch(int index) {
    msrs.set(JAVA_INT, 0, 1);
    msrs.set(JAVA_INT, 8, index);
    return file.attempt(Ioctl.KVM_GET_MSRS, msrs.address()) == 1;
  }

  long msr(int index) {
    if (!fetch(index)) {
      throw KvmException.ofCall(
          "KVM_GET_MSRS of 0x" + Integer.toHexString(index),
          Errno.EINVAL,
          Ioctl.KVM_GET_MSRS.advice);
    }
    return msrs.get(JAVA_LONG, 16);
  }

  void msr(int index, long value) {
    if (!tryMsr(index, value)) {
      throw KvmException.ofCall(
          "KVM_SET_MSRS of 0x" + Integer.toHexString(index),
          Errno.EINVAL,
          Ioctl.KVM_SET_MSRS.advice);
    }
  }

  /** What the kernel's local APIC waits for; 0 where it does not, or is not there. */
  long deadline() {
    return fetch(IA32_TSC_DEADLINE) ? msrs.get(JAVA_LONG, 16) : 0;
  }

  /** Lets the kernel's local APIC wait for a count, or for none. */
  void deadline(long count) {
    msr(IA32_TSC_DEADLINE, count);
  }

  private boolean tryMsr(int index, long value) {
    msrs.set(JAVA_INT, 0, 1);
    msrs.set(JAVA_INT, 8, index);
    msrs.set(JAVA_LONG, 16, value);
    return file.attempt(Ioctl.KVM_SET_MSRS, msrs.address()) == 1;
  }

  /** One of the structures' words; 0 where this host does not have the structure. */
  long word(Ioctl get, long size, long offset) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment structure = arena.allocate(size, 8);
      return file.attempt(get, structure.address()) < 0 ? 0 : structure.get(JAVA_LONG, offset);
    }
  }

  /** Changes one of a structure's words. */
  void word(Ioctl get, Ioctl set, long size, long offset, long value) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment structure = arena.allocate(size, 8);
      file.call(get, structure);
      structure.set(JAVA_LONG, offset, value);
      file.call(set, structure);
    }
  }

  /** Events, debug registers and extended control registers as RESET or INIT leaves them. */
  void reset(boolean init) {
    try (Arena arena = Arena.ofConfined()) {
      file.call(Ioctl.KVM_SET_VCPU_EVENTS, arena.allocate(KvmLayouts.KVM_VCPU_EVENTS));
      MemorySegment debug = arena.allocate(KvmLayouts.KVM_DEBUGREGS);
      debug.set(JAVA_LONG, KvmLayouts.offset(KvmLayouts.KVM_DEBUGREGS, "dr6"), 0xFFFF_0FF0L);
      debug.set(JAVA_LONG, KvmLayouts.offset(KvmLayouts.KVM_DEBUGREGS, "dr7"), 0x400);
      file.call(Ioctl.KVM_SET_DEBUGREGS, debug);
      if (!init) {
        resetFloatingPoint(arena);
        resetMsrs();
      }
    }
  }

  private void resetFloatingPoint(Arena arena) {
    MemorySegment fpu = arena.allocate(KvmLayouts.KVM_FPU);
    fpu.set(JAVA_BYTE, KvmLayouts.offset(KvmLayouts.KVM_FPU, "fcw"), (byte) 0x40);
    fpu.set(JAVA_INT, KvmLayouts.offset(KvmLayouts.KVM_FPU, "mxcsr"), 0x1F80);
    file.call(Ioctl.KVM_SET_FPU, fpu);
  }

  private void resetMsrs() {
    tryMsr(IA32_PAT, PAT_AFTER_RESET);
    enableFastStrings();
    for (int index : CLEARED_MSRS) {
      tryMsr(index, 0);
    }
  }

  /**
   * KVM begins without fast strings. Linux then takes ERMS back on Intel's processors but not FSRM,
   * and its memmove, which needs both or none, runs away.
   */
  private void enableFastStrings() {
    if (fetch(IA32_MISC_ENABLE)) {
      tryMsr(IA32_MISC_ENABLE, msrs.get(JAVA_LONG, 16) | FAST_STRINGS);
    }
  }

  void save(StateWriter out) {
    try (Arena arena = Arena.ofConfined()) {
      for (Ioctl[] pair : STRUCTURES) {
        MemorySegment structure = arena.allocate(sizeBytes(pair[0]), 8);
        boolean there = file.attempt(pair[0], structure.address()) >= 0;
        out.writeBytes(there ? structure.toArray(JAVA_BYTE) : new byte[0]);
      }
    }
    out.writeInt(savedMsrs.indices().length);
    for (int index : savedMsrs.indices()) {
      boolean known = fetch(index);
      out.writeInt(index);
      out.writeBoolean(known);
      out.writeLong(known ? savedMsrs.kept(index, msrs.get(JAVA_LONG, 16)) : 0);
    }
  }

  void restore(StateReader in) {
    try (Arena arena = Arena.ofConfined()) {
      for (Ioctl[] pair : STRUCTURES) {
        restore(in.readBytes(), pair[1], arena);
      }
      for (int left = in.readInt(); left > 0; left--) {
        int index = in.readInt();
        boolean known = in.readBoolean();
        long value = in.readLong();
        if (known) {
          restoreMsr(index, value);
        }
      }
    } catch (KvmException e) {
      throw new StateException(e.getMessage());
    }
  }

  /** Some tell of the host only, and cannot be written: they must hold the value already. */
  private void restoreMsr(int index, long value) {
    if (!tryMsr(index, value) && (!fetch(index) || msrs.get(JAVA_LONG, 16) != value)) {
      throw KvmException.ofCall(
          "KVM_SET_MSRS of 0x" + Integer.toHexString(index),
          Errno.EINVAL,
          Ioctl.KVM_SET_MSRS.advice);
    }
  }

  private void restore(byte[] bytes, Ioctl set, Arena arena) {
    if (bytes.length != 0 && bytes.length != sizeBytes(set)) {
      throw new StateException(set + " does not take " + bytes.length + " bytes");
    }
    if (bytes.length != 0) {
      MemorySegment structure = arena.allocate(bytes.length, 8);
      structure.copyFrom(MemorySegment.ofArray(bytes));
      file.call(set, structure);
    }
  }

  /** The size of a call's structure is a part of its number. */
  private static int sizeBytes(Ioctl call) {
    return (int) (call.number >>> SIZE_SHIFT) & SIZE_MASK;
  }
}
