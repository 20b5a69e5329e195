package dev.ringzero.kvm;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;

/**
 * Which model-specific registers belong into a saved state: all that this host's KVM names, but for
 * those that the monitor holds or that are saved in another way. Those of KVM's clock come last,
 * since they start it.
 */
final class SavedMsrs {
  private static final int MOST = 1024;
  private static final int IA32_SYSENTER_ESP = 0x175;
  private static final int IA32_SYSENTER_EIP = 0x176;
  private static final long LOW_HALF = 0xFFFF_FFFFL;

  /** 0x40000000 to 0x40000FFF are Hyper-V's, which no guest is told of. */
  private static final int HYPER_V_SHIFT = 12;

  private static final int HYPER_V = 0x4_0000;

  private final int[] indices;
  private final boolean narrowSysenter;

  private SavedMsrs(int[] indices, boolean narrowSysenter) {
    this.indices = indices;
    this.narrowSysenter = narrowSysenter;
  }

  int[] indices() {
    return indices;
  }

  /**
   * What of a register's value belongs into a saved state: AMD's SYSENTER uses half of two of them,
   * and KVM takes no more there, though it may give it.
   */
  long kept(int index, long value) {
    boolean half = index == IA32_SYSENTER_ESP || index == IA32_SYSENTER_EIP;
    return narrowSysenter && half ? value & LOW_HALF : value;
  }

  /**
   * Asks this host.
   *
   * @param amd whether guests find a processor of AMD
   */
  static SavedMsrs of(KvmFile system, boolean amd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment list = arena.allocate(JAVA_INT, MOST + 1);
      list.set(JAVA_INT, 0, MOST);
      system.call(Ioctl.KVM_GET_MSR_INDEX_LIST, list);
      int[] all =
          IntStream.rangeClosed(1, list.get(JAVA_INT, 0))
              .map(i -> list.getAtIndex(JAVA_INT, i))
              .filter(index -> !isLeftOut(index))
              .toArray();
      IntStream ordered =
          IntStream.concat(
              IntStream.of(all).filter(index -> !isClock(index)),
              IntStream.of(all).filter(SavedMsrs::isClock));
      return new SavedMsrs(ordered.toArray(), amd);
    }
  }

  private static boolean isLeftOut(int index) {
    return switch (index) {
      case VcpuState.IA32_TIME_STAMP_COUNTER, 0x1B, 0x6E0 -> true; // those of the local APIC
      default -> index >>> HYPER_V_SHIFT == HYPER_V;
    };
  }

  /** The wall clock and system time of KVM, by their old and new numbers. */
  private static boolean isClock(int index) {
    return index == 0x11 || index == 0x12 || index == 0x4B56_4D00 || index == 0x4B56_4D01;
  }
}
