package dev.ringzero.kvm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.ringzero.x86.Vector;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Interrupts and exceptions that the monitor gives to a vCPU. */
final class VcpuEvents {
  private static final long INJECTED = at("exception", "injected");
  private static final long NUMBER = at("exception", "nr");
  private static final long HAS_ERROR_CODE = at("exception", "has_error_code");
  private static final long ERROR_CODE = at("exception", "error_code");
  private static final long SHADOW = at("interrupt", "shadow");
  private static final long FLAGS = at("flags");
  private static final int VALID_SHADOW = 4; // KVM_VCPUEVENT_VALID_SHADOW

  private final KvmFile file;
  private final MemorySegment events = Arena.ofAuto().allocate(KvmLayouts.KVM_VCPU_EVENTS);
  private final MemorySegment vector = Arena.ofAuto().allocate(JAVA_INT);

  VcpuEvents(KvmFile file) {
    this.file = file;
  }

  private static long at(String... names) {
    return KvmLayouts.offset(KvmLayouts.KVM_VCPU_EVENTS, names);
  }

  /** Delivers an interrupt at the next entry; KVM has told that the guest can take it. */
  void interrupt(int number) {
    vector.set(JAVA_INT, 0, number);
    file.call(Ioctl.KVM_INTERRUPT, vector);
  }

  void exception(int number, int errorCode) {
    file.call(Ioctl.KVM_GET_VCPU_EVENTS, events);
    events.set(JAVA_BYTE, INJECTED, (byte) 1);
    events.set(JAVA_BYTE, NUMBER, (byte) number);
    events.set(JAVA_BYTE, HAS_ERROR_CODE, (byte) (hasErrorCode(number) ? 1 : 0));
    events.set(JAVA_INT, ERROR_CODE, errorCode);
    file.call(Ioctl.KVM_SET_VCPU_EVENTS, events);
  }

  private static boolean hasErrorCode(int number) {
    return switch (number) {
      case Vector.DF, Vector.TS, Vector.NP, Vector.SS, Vector.GP, Vector.PF, Vector.AC, Vector.CP ->
          true;
      default -> false;
    };
  }

  /** Ends what STI or MOV to SS began. */
  void endShadow() {
    file.call(Ioctl.KVM_GET_VCPU_EVENTS, events);
    if (events.get(JAVA_BYTE, SHADOW) != 0) {
      events.set(JAVA_BYTE, SHADOW, (byte) 0);
      events.set(JAVA_INT, FLAGS, events.get(JAVA_INT, FLAGS) | VALID_SHADOW);
      file.call(Ioctl.KVM_SET_VCPU_EVENTS, events);
    }
  }
}
