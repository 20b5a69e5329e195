package dev.ringzero.kvm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringzero.engine.Register;
import dev.ringzero.engine.SegmentState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** The monitor's breakpoints and steps, address translation, and the guest's rarer registers. */
final class VcpuDebug {
  private static final int MOST_BREAKPOINTS = 4;
  private static final int ENABLE = 1; // KVM_GUESTDBG_ENABLE
  private static final int SINGLE_STEP = 2; // KVM_GUESTDBG_SINGLESTEP
  private static final int USE_HARDWARE_BREAKPOINTS = 0x2_0000; // KVM_GUESTDBG_USE_HW_BP
  private static final long ALWAYS_ONE = 0x400;
  private static final long DEBUG_BYTES = KvmLayouts.KVM_DEBUGREGS.byteSize();
  private static final long XCRS_BYTES = KvmLayouts.KVM_XCRS.byteSize();
  private static final long XCR0_VALUE = KvmLayouts.offset(KvmLayouts.KVM_XCRS, "xcrs") + 8;

  private final KvmFile file;
  private final VcpuState state;
  private long[] breakpoints = {};
  private boolean stepping;
  private boolean steppingOff;

  VcpuDebug(KvmFile file, VcpuState state) {
    this.file = file;
    this.state = state;
  }

  void breakpoints(long[] gvas) {
    if (gvas.length > MOST_BREAKPOINTS) {
      throw new KvmException("KVM has four breakpoints: use the software engine for more");
    }
    breakpoints = gvas;
    apply();
  }

  void singleStep(boolean on) {
    stepping = on;
    apply();
  }

  /** Whether the next instruction is a step, the debugger's or one off a breakpoint. */
  boolean steps() {
    return stepping || steppingOff;
  }

  void apply() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment debug = arena.allocate(KvmLayouts.KVM_GUEST_DEBUG);
      debug.set(JAVA_INT, 0, control());
      long registers = KvmLayouts.offset(KvmLayouts.KVM_GUEST_DEBUG, "arch", "debugreg");
      long enabled = ALWAYS_ONE;
      for (int i = 0; i < breakpoints.length; i++) {
        debug.set(JAVA_LONG, registers + i * 8L, breakpoints[i]);
        enabled |= 2L << 2 * i;
      }
      debug.set(JAVA_LONG, registers + 7 * 8L, enabled);
      file.call(Ioctl.KVM_SET_GUEST_DEBUG, debug);
    }
  }

  private int control() {
    if (steppingOff) {
      return ENABLE | SINGLE_STEP;
    }
    int wanted =
        (stepping ? SINGLE_STEP : 0) | (breakpoints.length > 0 ? USE_HARDWARE_BREAKPOINTS : 0);
    return wanted == 0 ? 0 : wanted | ENABLE;
  }

  /** Where the guest stands on a breakpoint, it first makes one step without them. */
  void beforeEntry(KvmRegisters registers) {
    boolean stands = breakpoints.length > 0 && standsOnBreakpoint(registers);
    if (stands != steppingOff) {
      steppingOff = stands;
      apply();
    }
  }

  private boolean standsOnBreakpoint(KvmRegisters registers) {
    long rip = registers.read(Register.RIP) + registers.segment(SegmentState.CS).base();
    return Arrays.stream(breakpoints).anyMatch(gva -> gva == rip);
  }

  /** Whether a debug exit was only the step off a breakpoint. */
  boolean steppedOff() {
    if (!steppingOff) {
      return false;
    }
    steppingOff = false;
    apply();
    return !stepping;
  }

  long translate(long gva) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment translation = arena.allocate(KvmLayouts.KVM_TRANSLATION);
      translation.set(JAVA_LONG, 0, gva);
      file.call(Ioctl.KVM_TRANSLATE, translation);
      boolean valid = translation.get(JAVA_BYTE, offset("valid")) != 0;
      return valid ? translation.get(JAVA_LONG, offset("physical_address")) : -1;
    }
  }

  private static long offset(String name) {
    return KvmLayouts.offset(KvmLayouts.KVM_TRANSLATION, name);
  }

  long read(Register register) {
    return register == Register.XCR0
        ? state.word(Ioctl.KVM_GET_XCRS, XCRS_BYTES, XCR0_VALUE)
        : state.word(Ioctl.KVM_GET_DEBUGREGS, DEBUG_BYTES, debugOffset(register));
  }

  void write(Register register, long value) {
    if (register == Register.XCR0) {
      state.word(Ioctl.KVM_GET_XCRS, Ioctl.KVM_SET_XCRS, XCRS_BYTES, XCR0_VALUE, value);
    } else {
      state.word(
          Ioctl.KVM_GET_DEBUGREGS,
          Ioctl.KVM_SET_DEBUGREGS,
          DEBUG_BYTES,
          debugOffset(register),
          value);
    }
  }

  private static long debugOffset(Register register) {
    return switch (register) {
      case DR6 -> KvmLayouts.offset(KvmLayouts.KVM_DEBUGREGS, "dr6");
      case DR7 -> KvmLayouts.offset(KvmLayouts.KVM_DEBUGREGS, "dr7");
      default -> (register.ordinal() - Register.DR0.ordinal()) * 8L;
    };
  }
}
