package dev.ringzero.x86;

import java.util.ArrayList;
import java.util.List;

/**
 * VM exits in words, for people: what their qualification, or EXITINFO1 and EXITINFO2, says.
 *
 * @spec Intel SDM Vol. 3C, "Basic VM-Exit Information"; AMD64 APM Vol. 2, "SVM Intercept Exit
 *     Codes"
 */
public final class ExitWords {
  private static final String[] REGISTERS = {
    "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
    "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"
  };

  private static final String[] EVENTS = {
    "external interrupt", "", "NMI", "exception", "INT n", "INT1", "INT3 or INTO", "other event"
  };

  private ExitWords() {}

  /** What a qualification says; empty where it says nothing. */
  public static String of(ExitReason reason, long qualification) {
    return switch (reason) {
      case CR_ACCESS -> controlRegister(qualification);
      case DR_ACCESS ->
          move("dr" + (qualification & 7), (qualification & 1 << 4) == 0, register(qualification));
      case IO_INSTRUCTION -> port(qualification);
      case EPT_VIOLATION ->
          "%s, allowed %s"
              .formatted(
                  rights(qualification), rights(qualification >>> Ept.QUALIFICATION_RIGHTS_SHIFT));
      case APIC_ACCESS -> "offset %x, %s".formatted(qualification & 0xFFF, apic(qualification));
      case APIC_WRITE -> "offset %x".formatted(qualification);
      case VIRTUALIZED_EOI, STARTUP_IPI, SOFTWARE_INTERRUPT ->
          "vector %02x".formatted(qualification);
      case RDMSR, WRMSR -> qualification == 0 ? "" : "msr %x".formatted(qualification);
      case INVLPG -> "linear %x".formatted(qualification);
      case TASK_SWITCH -> "to selector %x".formatted(qualification & 0xFFFF);
      default -> qualification == 0 ? "" : "qualification %x".formatted(qualification);
    };
  }

  private static String register(long qualification) {
    return REGISTERS[(int) (qualification >>> 8) & 15];
  }

  private static String move(String special, boolean write, String register) {
    return write
        ? "mov %s, %s".formatted(special, register)
        : "mov %s, %s".formatted(register, special);
  }

  private static String controlRegister(long qualification) {
    return switch ((int) (qualification >>> 4) & 3) {
      case 0 -> move("cr" + (qualification & 15), true, register(qualification));
      case 1 -> move("cr" + (qualification & 15), false, register(qualification));
      case 2 -> "clts";
      default -> "lmsw %x".formatted(qualification >>> 16 & 0xFFFF);
    };
  }

  private static String port(long qualification) {
    boolean in = (qualification & 1 << 3) != 0;
    boolean string = (qualification & 1 << 4) != 0;
    boolean repeated = (qualification & 1 << 5) != 0;
    return "%s%s port %x, %d bytes"
        .formatted(
            repeated ? "rep " : "",
            (in ? "in" : "out") + (string ? "s" : ""),
            qualification >>> 16 & 0xFFFF,
            (qualification & 7) + 1);
  }

  private static String rights(long bits) {
    List<String> words = new ArrayList<>();
    if ((bits & Ept.READ) != 0) {
      words.add("read");
    }
    if ((bits & Ept.WRITE) != 0) {
      words.add("write");
    }
    if ((bits & Ept.EXECUTE) != 0) {
      words.add("execute");
    }
    return words.isEmpty() ? "nothing" : String.join("+", words);
  }

  private static String apic(long qualification) {
    return switch ((int) (qualification >>> 12) & 15) {
      case 0 -> "read";
      case 1 -> "write";
      case 2 -> "fetch";
      default -> "while an event is delivered";
    };
  }

  /** An event by its interruption information; empty where there is none. */
  public static String event(int information, int errorCode) {
    if (information >= 0) {
      return "";
    }
    int type = information >>> InterruptionInformation.TYPE_SHIFT & 7;
    boolean hasCode = (information & InterruptionInformation.ERROR_CODE_VALID) != 0;
    return "%s %02x%s"
        .formatted(
            EVENTS[type],
            information & InterruptionInformation.VECTOR,
            hasCode ? " error %x".formatted(errorCode) : "");
  }

  /** What EXITINFO1 and EXITINFO2 say of an exit of AMD-V; empty where they say nothing. */
  public static String ofSvm(int code, long info1, long info2) {
    if (code >= SvmExitCode.EXCEPTION && code < SvmExitCode.EXCEPTION + 32) {
      boolean page = code == SvmExitCode.EXCEPTION + Vector.PF;
      return page ? "error %x, linear %x".formatted(info1, info2) : "error %x".formatted(info1);
    }
    return switch (code) {
      case SvmExitCode.IOIO ->
          "%s%s port %x, %d bytes"
              .formatted(
                  (info1 & 1 << 3) != 0 ? "rep " : "",
                  ((info1 & 1) != 0 ? "in" : "out") + ((info1 & 1 << 2) != 0 ? "s" : ""),
                  info1 >>> 16 & 0xFFFF,
                  info1 >>> 4 & 7);
      case SvmExitCode.NPF ->
          "%s%s, gpa %x%s"
              .formatted(
                  (info1 & PageFaultError.ID) != 0
                      ? "execute"
                      : (info1 & PageFaultError.WR) != 0 ? "write" : "read",
                  (info1 & PageFaultError.P) != 0 ? " not allowed" : " not present",
                  info2,
                  (info1 & Vmcb.NPF_TABLE) != 0 ? " of the guest's tables" : "");
      case SvmExitCode.MSR -> info1 == 0 ? "rdmsr" : "wrmsr";
      case SvmExitCode.SWINT -> "vector %02x".formatted(info1);
      case SvmExitCode.INVLPG -> "linear %x".formatted(info1);
      default -> info1 == 0 && info2 == 0 ? "" : "info %x %x".formatted(info1, info2);
    };
  }
}
