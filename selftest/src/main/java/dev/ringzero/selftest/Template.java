package dev.ringzero.selftest;

import dev.ringzero.x86.instruction.Attribute;
import dev.ringzero.x86.instruction.InstructionForm;
import dev.ringzero.x86.instruction.Operand;

/**
 * What the encoding column of a table row says, taken apart for building instructions of that row.
 */
final class Template {
  /** Any ModRM.reg. */
  static final int ANY = -1;

  final InstructionForm form;

  /** Mandatory prefix 66, F3 or F2, or 0. */
  int mandatoryPrefix;

  /** Whether the column tells which of 66, F3 and F2 are allowed. */
  boolean prefixesTold;

  boolean rexW;
  boolean noExtension;

  /** Address size that it demands: 32, 64 or 0. */
  int addressSize;

  /** Escape: 0 none, 1 0F, 2 0F38, 3 0F3A. */
  int map;

  int opcode;
  boolean registerInOpcode;

  boolean vex;
  boolean[] lengths = {true, false};
  boolean[] vexW = {true, true};

  boolean modrm;

  /** ModRM.reg where it extends the opcode, or {@link #ANY}. */
  int extension = ANY;

  /** The whole ModRM byte, or {@link #ANY}. */
  int wholeModrm = ANY;

  boolean registerInModrm;
  boolean usesVvvv;
  boolean vectorIndex;

  /** Whether the r/m operand may be in memory, and in a register. */
  boolean memoryAllowed, registerAllowed;

  Template(InstructionForm form) {
    this.form = form;
    boolean opcodeSeen = false;
    for (String token : form.encoding.trim().split(" +")) {
      if (token.startsWith("/")) {
        modrm = true;
        extension = token.charAt(1) == 'r' ? ANY : token.charAt(1) - '0';
      } else if (!opcodeSeen) {
        opcodeSeen = beforeOpcode(token);
      } else if (token.matches("[0-9A-F]{2}(\\+i)?")) {
        modrm = true;
        wholeModrm = Integer.parseInt(token.substring(0, 2), 16);
        registerInModrm = token.endsWith("+i");
      }
    }
    operands();
  }

  private boolean beforeOpcode(String token) {
    if (map == 0) {
      switch (token) {
        case "NP", "NFx" -> prefixesTold = true;
        case "66", "F3", "F2" -> {
          prefixesTold = true;
          mandatoryPrefix = Integer.parseInt(token, 16);
        }
        case "REX.W" -> rexW = true;
        case "NB" -> noExtension = true;
        case "a16" -> addressSize = 16;
        case "a32" -> addressSize = 32;
        case "a64" -> addressSize = 64;
        case "0F" -> map = 1;
        default -> {
          if (!token.startsWith("VEX.")) {
            return opcode(token);
          }
          vex(token);
        }
      }
      return false;
    }
    if (!vex && map == 1 && (token.equals("38") || token.equals("3A"))) {
      map = token.equals("38") ? 2 : 3;
      return false;
    }
    return opcode(token);
  }

  private boolean opcode(String token) {
    opcode = Integer.parseInt(token.substring(0, 2), 16);
    registerInOpcode = token.endsWith("+r");
    if (token.endsWith("+cc")) {
      opcode += form.condition;
    }
    return true;
  }

  private void vex(String token) {
    vex = true;
    for (String part : token.substring(4).split("\\.")) {
      switch (part) {
        case "256" -> lengths = new boolean[] {false, true};
        case "128/256", "LIG" -> lengths = new boolean[] {true, true};
        case "66", "F3", "F2" -> mandatoryPrefix = Integer.parseInt(part, 16);
        case "0F" -> map = 1;
        case "0F38" -> map = 2;
        case "0F3A" -> map = 3;
        case "W0" -> vexW = new boolean[] {true, false};
        case "W1" -> vexW = new boolean[] {false, true};
        default -> {}
      }
    }
  }

  private void operands() {
    registerAllowed = true;
    memoryAllowed = modrm;
    for (Operand operand : form.operands) {
      switch (operand.place()) {
        case VVVV_GPR, VECTOR_VVVV -> usesVvvv = true;
        case MEMORY -> registerAllowed = false;
        case RM_REGISTER -> memoryAllowed = false;
        case VSIB -> {
          vectorIndex = true;
          registerAllowed = false;
        }
        case VECTOR_RM, MMX_RM -> memoryAllowed &= mayBeMemory(operand.code());
        default -> {}
      }
    }
    if (wholeModrm != ANY || form.is(Attribute.REGISTER_ONLY)) {
      memoryAllowed = false;
    }
    if (form.is(Attribute.MEMORY_ONLY)) {
      registerAllowed = false;
    }
  }

  private static boolean mayBeMemory(String code) {
    char letter = code.charAt(0);
    return code.indexOf('/') >= 0 || letter != 'U' && letter != 'N';
  }
}
