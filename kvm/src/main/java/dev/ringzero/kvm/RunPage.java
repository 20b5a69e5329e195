package dev.ringzero.kvm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.HexFormat;

/** The page that a vCPU shares with KVM: what to do at an entry, and why it left. */
final class RunPage {
  // Exit reasons, linux/kvm.h
  static final int KVM_EXIT_UNKNOWN = 0;
  static final int KVM_EXIT_IO = 2;
  static final int KVM_EXIT_DEBUG = 4;
  static final int KVM_EXIT_HLT = 5;
  static final int KVM_EXIT_MMIO = 6;
  static final int KVM_EXIT_IRQ_WINDOW_OPEN = 7;
  static final int KVM_EXIT_SHUTDOWN = 8;
  static final int KVM_EXIT_FAIL_ENTRY = 9;
  static final int KVM_EXIT_INTR = 10;
  static final int KVM_EXIT_SET_TPR = 11;
  static final int KVM_EXIT_INTERNAL_ERROR = 17;
  static final int KVM_EXIT_IOAPIC_EOI = 26;
  static final int KVM_EXIT_X86_RDMSR = 29;
  static final int KVM_EXIT_X86_WRMSR = 30;

  private static final int KVM_INTERNAL_ERROR_EMULATION = 1;

  private static final long REQUEST_WINDOW = at("request_interrupt_window");
  private static final long IMMEDIATE_EXIT = at("immediate_exit");
  private static final long EXIT_REASON = at("exit_reason");
  private static final long READY = at("ready_for_interrupt_injection");
  private static final long IF_FLAG = at("if_flag");
  private static final long CR8 = at("cr8");
  private static final long HARDWARE_REASON = in("hw", "hardware_exit_reason");
  private static final long IO_DIRECTION = in("io", "direction");
  private static final long IO_SIZE = in("io", "size");
  private static final long IO_PORT = in("io", "port");
  private static final long IO_COUNT = in("io", "count");
  private static final long IO_DATA_OFFSET = in("io", "data_offset");
  private static final long MMIO_GPA = in("mmio", "phys_addr");
  private static final long MMIO_DATA = in("mmio", "data");
  private static final long MMIO_LENGTH = in("mmio", "len");
  private static final long MMIO_IS_WRITE = in("mmio", "is_write");
  private static final long SUBERROR = in("internal", "suberror");
  private static final long NDATA = in("internal", "ndata");
  private static final long INSTRUCTION_SIZE = in("emulation_failure", "insn_size");
  private static final long INSTRUCTION_BYTES = in("emulation_failure", "insn_bytes");
  private static final long EOI_VECTOR = in("eoi", "vector");
  private static final long MSR_ERROR = in("msr", "error");
  private static final long MSR_INDEX = in("msr", "index");
  private static final long MSR_DATA = in("msr", "data");

  private static final VarHandle BYTE = JAVA_BYTE.varHandle();

  private final MemorySegment page;

  RunPage(MemorySegment page) {
    this.page = page;
  }

  private static long at(String name) {
    return KvmLayouts.offset(KvmLayouts.KVM_RUN, name);
  }

  private static long in(String branch, String name) {
    return KvmLayouts.offset(KvmLayouts.KVM_RUN, KvmLayouts.UNION, branch, name);
  }

  MemorySegment memory() {
    return page;
  }

  void requestInterruptWindow(boolean wanted) {
    page.set(JAVA_BYTE, REQUEST_WINDOW, (byte) (wanted ? 1 : 0));
  }

  /** Any thread: makes the next entry return at once. */
  void immediateExit(boolean wanted) {
    BYTE.setVolatile(page, IMMEDIATE_EXIT, (byte) (wanted ? 1 : 0));
  }

  int exitReason() {
    return page.get(JAVA_INT, EXIT_REASON);
  }

  boolean readyForInterrupt() {
    return page.get(JAVA_BYTE, READY) != 0;
  }

  /** Forgets what the last exit told of the guest's readiness, since registers were changed. */
  void forgetReadiness() {
    page.set(JAVA_BYTE, READY, (byte) 0);
  }

  boolean interruptFlag() {
    return page.get(JAVA_BYTE, IF_FLAG) != 0;
  }

  long cr8() {
    return page.get(JAVA_LONG, CR8);
  }

  void cr8(long value) {
    page.set(JAVA_LONG, CR8, value);
  }

  long hardwareReason() {
    return page.get(JAVA_LONG, HARDWARE_REASON);
  }

  boolean ioIsOut() {
    return page.get(JAVA_BYTE, IO_DIRECTION) != 0;
  }

  int ioSize() {
    return page.get(JAVA_BYTE, IO_SIZE);
  }

  int ioPort() {
    return page.get(JAVA_SHORT, IO_PORT) & 0xFFFF;
  }

  int ioCount() {
    return page.get(JAVA_INT, IO_COUNT);
  }

  /** Where the values of a port access lie, in this page. */
  long ioDataOffset() {
    return page.get(JAVA_LONG, IO_DATA_OFFSET);
  }

  long mmioGpa() {
    return page.get(JAVA_LONG, MMIO_GPA);
  }

  int mmioLength() {
    return page.get(JAVA_INT, MMIO_LENGTH);
  }

  boolean mmioIsWrite() {
    return page.get(JAVA_BYTE, MMIO_IS_WRITE) != 0;
  }

  /** Where the value of a memory access lies, in this page. */
  long mmioDataOffset() {
    return MMIO_DATA;
  }

  /** Reads 1, 2, 4 or 8 bytes, zero-extended. */
  long value(long offset, int sizeBytes) {
    return switch (sizeBytes) {
      case 1 -> page.get(JAVA_BYTE, offset) & 0xFFL;
      case 2 -> page.get(JAVA_SHORT_UNALIGNED, offset) & 0xFFFFL;
      case 4 -> page.get(JAVA_INT_UNALIGNED, offset) & 0xFFFF_FFFFL;
      default -> page.get(JAVA_LONG_UNALIGNED, offset);
    };
  }

  /** Writes 1, 2, 4 or 8 bytes. */
  void value(long offset, int sizeBytes, long value) {
    switch (sizeBytes) {
      case 1 -> page.set(JAVA_BYTE, offset, (byte) value);
      case 2 -> page.set(JAVA_SHORT_UNALIGNED, offset, (short) value);
      case 4 -> page.set(JAVA_INT_UNALIGNED, offset, (int) value);
      default -> page.set(JAVA_LONG_UNALIGNED, offset, value);
    }
  }

  KvmException unknownExit(long rip) {
    return KvmException.unable(
        "KVM left the guest for the unknown reason %d at RIP 0x%x".formatted(exitReason(), rip));
  }

  /** Why KVM could not go on. */
  KvmException internalError(long rip) {
    int suberror = page.get(JAVA_INT, SUBERROR);
    if (suberror != KVM_INTERNAL_ERROR_EMULATION) {
      return KvmException.unable(
          "KVM has the internal error %d at RIP 0x%x".formatted(suberror, rip));
    }
    byte[] bytes = failedInstruction();
    String instruction =
        bytes.length == 0 ? "" : " (" + HexFormat.ofDelimiter(" ").formatHex(bytes) + ")";
    return KvmException.unable(
        "KVM of this host cannot emulate the instruction at RIP 0x%x%s"
            .formatted(rip, instruction));
  }

  /** The instruction that KVM could not emulate; empty where it does not tell. */
  private byte[] failedInstruction() {
    int size = page.get(JAVA_BYTE, INSTRUCTION_SIZE);
    boolean told = page.get(JAVA_INT, NDATA) >= 3 && size > 0 && size <= 15;
    return told ? page.asSlice(INSTRUCTION_BYTES, size).toArray(JAVA_BYTE) : new byte[0];
  }

  /** The vector of the interrupt whose service has ended. */
  int endedVector() {
    return page.get(JAVA_BYTE, EOI_VECTOR) & 0xFF;
  }

  int msrIndex() {
    return page.get(JAVA_INT, MSR_INDEX);
  }

  void msrData(long value) {
    page.set(JAVA_LONG, MSR_DATA, value);
  }

  long msrData() {
    return page.get(JAVA_LONG, MSR_DATA);
  }

  void msrRefused(boolean refused) {
    page.set(JAVA_BYTE, MSR_ERROR, (byte) (refused ? 1 : 0));
  }
}
