package dev.ringzero.x86.instruction;

import java.util.Map;
import java.util.Set;

/** Where Zydis and RingZero differ on purpose. */
final class ZydisDifferences {
  /** Extensions that RingZero's CPU does not have. */
  private static final Set<String> ABSENT =
      Set.of(
          "AVX512EVEX",
          "AVX512VEX",
          "XOP",
          "FMA4",
          "TBM",
          "AMD3DNOW",
          "RTM",
          "MPX",
          "CET",
          "AMX_TILE",
          "AMX_INT8",
          "AMX_BF16",
          "SGX_ENCLV",
          "PT",
          "WAITPKG",
          "CLDEMOTE",
          "ENQCMD",
          "SGX",
          "SMX",
          "GFNI",
          "UINTR",
          "SSE4A",
          "MOVDIR",
          "KEYLOCKER",
          "KEYLOCKER_WIDE",
          "HRESET",
          "LWP",
          "MONITORX",
          "CLZERO",
          "MCOMMIT",
          "RDPRU",
          "SNP",
          "PADLOCK",
          "TDX",
          "AVX_VNNI",
          "KNC",
          "KNCE",
          "KNCV",
          "PCONFIG",
          "TSX_LDTRK",
          "PBNDKB",
          "AMD_INVLPGB");

  private ZydisDifferences() {}

  /** Same instruction, other name. */
  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("nbe", "a"),
          Map.entry("nb", "ae"),
          Map.entry("z", "e"),
          Map.entry("nz", "ne"),
          Map.entry("nle", "g"),
          Map.entry("nl", "ge"));

  static String name(Instruction instruction, Zydis zydis) {
    String name = zydis.mnemonic();
    if (instruction.form.condition >= 0) {
      for (String stem : new String[] {"cmov", "set", "j"}) {
        if (name.startsWith(stem)) {
          String condition = name.substring(stem.length());
          return stem + NAMES.getOrDefault(condition, condition);
        }
      }
    }
    return switch (name) {
      case "ret" -> instruction.form.meaning.equals("RET_FAR") ? "retf" : "ret";
      case "prefetch" -> "nop";
      case "xlat" -> "xlatb";
      case "sysret" -> instruction.w ? "sysretq" : "sysret";
      case "sysexit" -> instruction.w ? "sysexitq" : "sysexit";
      case "wbinvd" -> Disassembler.mnemonic(instruction);
      case "feni8087_nop" -> "fneni";
      case "fdisi8087_nop" -> "fndisi";
      case "fsetpm287_nop" -> "fnsetpm";
      case "nop" -> instruction.form.meaning.equals("NOP") ? instruction.form.mnemonic : name;
      default -> name;
    };
  }

  /**
   * Rows whose destination counts as read here because part of it or all may stay, or does not
   * because only its tag changes.
   */
  static boolean access(Instruction instruction) {
    return switch (instruction.form.meaning) {
      case "BSF", "BSR", "MOVHPS", "MOVHPD", "MOVLHPS", "CVTSI2SS", "CVTSI2SD", "FFREE", "FFREEP" ->
          true;
      default -> false;
    };
  }

  /**
   * Rows whose implicit registers Zydis gives as addresses of hidden memory operands, or not at
   * all.
   */
  static boolean implicitRegisters(Instruction instruction) {
    return switch (instruction.form.meaning) {
      case "MASKMOVQ", "MASKMOVDQU", "VMASKMOVDQU", "XLAT", "LEAVE" -> true;
      case "INT", "INT1", "INT3", "INTO", "LAHF", "VMFUNC" -> true;
      default -> instruction.form.is(Attribute.STRING) || instruction.form.feature.equals("SVM");
    };
  }

  /** Operands whose width the manual gives otherwise: the row follows the manual. */
  static boolean operand(Instruction instruction, int place) {
    return switch (instruction.form.meaning) {
      case "LAR", "LSL" -> place == 1 && !instruction.hasMemory();
      case "MOVSXD" -> place == 1 && instruction.operandSize == 16;
      default -> false;
    };
  }

  /**
   * Rows whose flags the manual gives otherwise. Zydis does not tell shifts and rotates by one from
   * those by a count, and takes VPTEST to leave flags alone that it clears.
   */
  static boolean flags(Instruction instruction) {
    return switch (instruction.form.meaning) {
      case "SHL", "SHR", "SAR", "ROL", "ROR", "RCL", "RCR" ->
          instruction.operand(1).place() == Operand.Place.ONE;
      case "SBB",
          "BEXTR",
          "VPTEST",
          "VTESTPS",
          "VTESTPD",
          "VMCALL",
          "VMLAUNCH",
          "VMRESUME",
          "RSM",
          "IRET" ->
          true;
      default -> false;
    };
  }

  static boolean notDecodedHere(Zydis zydis) {
    return ABSENT.contains(zydis.extension());
  }
}
