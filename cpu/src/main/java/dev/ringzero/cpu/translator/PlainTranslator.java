package dev.ringzero.cpu.translator;

import static dev.ringzero.cpu.translator.Assembler.R13;
import static dev.ringzero.cpu.translator.Assembler.R14;
import static dev.ringzero.cpu.translator.Assembler.R15;

import dev.ringzero.x86.instruction.Attribute;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.InstructionForm;
import dev.ringzero.x86.instruction.Operand;

/**
 * Translates ordinary instructions: those whose work the host does by the same opcode. A guest
 * register without a host register is loaded into a scratch register before, and stored after.
 */
final class PlainTranslator {
  private final Assembler code;
  private final CheckedAccess access;
  private final Reencoder reencoder;
  private final RawEncoding raw = new RawEncoding();

  // Which fields of the encoding name general registers, AH to BH aside, and whether those are
  // written.
  private boolean regGeneral;
  private boolean regWritten;
  private boolean rmGeneral;
  private boolean rmWritten;
  private boolean vvvvGeneral;
  private boolean vvvvWritten;
  private boolean opcodeGeneral;
  private boolean opcodeWritten;
  private boolean highByte;

  /** The register is one of AH to BH, and only read. */
  private boolean highSource;

  // Whether their old values count.
  private boolean regNeeded;
  private boolean rmNeeded;
  private boolean opcodeNeeded;

  private final byte[] slotForms = new byte[8192];

  PlainTranslator(Assembler code, CheckedAccess access) {
    this.code = code;
    this.access = access;
    this.reencoder = new Reencoder(code);
  }

  /** Where an instruction stands, and how its flags are to be treated at a memory access. */
  record Context(View view, byte[] page, int offset, CheckedAccess.FlagCare care) {}

  /**
   * Emits an instruction; false, with nothing emitted that matters, if it is for the interpreter.
   */
  boolean emit(Instruction i, Context context) {
    raw.parse(context.page, context.offset, i);
    classify(i);
    if (i.vex && i.codeSize == 32) {
      narrowVex(i.form);
    }
    if (i.hasMemory()) {
      return memoryForm(i, context);
    }
    return raw.hasModrm ? registerForm(i, context) : opcodeForm(i, context);
  }

  private void classify(Instruction i) {
    regGeneral = false;
    regWritten = false;
    rmGeneral = false;
    rmWritten = false;
    vvvvGeneral = false;
    vvvvWritten = false;
    opcodeGeneral = false;
    opcodeWritten = false;
    highByte = false;
    highSource = false;
    regNeeded = false;
    rmNeeded = false;
    opcodeNeeded = false;
    for (Operand operand : i.form.operands) {
      boolean high = OperandSizes.highByte(operand, i);
      highByte |= high;
      highSource |= high && operand.place() == Operand.Place.REG && !operand.written();
      switch (operand.place()) {
        case REG -> {
          regGeneral = !high;
          regNeeded |= isNeeded(operand, i);
          regWritten |= operand.written();
        }
        case RM, RM_REGISTER -> {
          rmGeneral = !high;
          rmNeeded |= isNeeded(operand, i);
          rmWritten |= operand.written();
        }
        case VVVV_GPR -> {
          vvvvGeneral = true;
          vvvvWritten |= operand.written();
        }
        case OPCODE_REGISTER -> {
          opcodeGeneral = !high;
          opcodeNeeded |= isNeeded(operand, i);
          opcodeWritten |= operand.written();
        }
        default -> {}
      }
    }
  }

  /**
   * Bits of a VEX encoding that 64-bit code alone looks at: general operands are of 32 bits, and
   * vector registers eight.
   */
  private void narrowVex(InstructionForm form) {
    raw.w &= !(regGeneral || rmGeneral || vvvvGeneral || form.implicitRead != 0);
    for (Operand operand : form.operands) {
      raw.immediateOfEight |= operand.place() == Operand.Place.VECTOR_IMMEDIATE;
    }
  }

  /** Whether something of what a register held before counts. */
  private static boolean isNeeded(Operand operand, Instruction i) {
    boolean whole = operand.size() == Operand.Size.OPERAND && i.operandSize >= 32;
    return operand.read() || !whole || !writesForSure(i.form);
  }

  private static boolean writesForSure(InstructionForm form) {
    return switch (form.meaning) {
      case "MOV", "MOVZX", "MOVSX", "MOVSXD", "IMUL3" -> true;
      default -> false; // such as BSF, which keeps its destination where the source is zero
    };
  }

  private boolean memoryForm(Instruction i, Context context) {
    Operand memory = OperandSizes.memory(i);
    int size = memory == null ? 0 : OperandSizes.bytes(memory, i);
    if (size == 0 || highByte && !highSource) {
      return false;
    }
    GuestAddress address = GuestAddress.of(i, context.offset + i.length);
    if (address == null) {
      return false;
    }
    boolean bits = Ordinary.addressesBits(i);
    boolean aligned = i.form.is(Attribute.ALIGNED);
    boolean write = memory.written();
    if (bits) {
      int restart = code.position();
      access.address(address);
      if (!addBitOffset(i)) {
        return false;
      }
      if (address.narrow()) {
        code.move32(R14, R14);
      }
      access.emit(context.view, write, size, aligned, context.care, context.offset, restart);
    } else {
      access.check(address, context.view, write, size, aligned, context.care, context.offset);
    }
    if (vvvvGeneral && Displaced.inMemory(i.vvvv)) {
      displacedVvvv(i, context);
      return true;
    }
    int reg =
        highSource
            ? highToScratch(i)
            : bits ? bitInOperand(i) : loadIf(regNeeded, regGeneral, i.reg, R13);
    int vvvv = vvvvGeneral ? Displaced.host(i.vvvv) : i.vvvv;
    reencoder.memory(raw, context.page, reg, vvvv);
    store(!bits && regGeneral && regWritten, i.reg);
    return true;
  }

  /** Puts AH to BH into R13, as none of them can be named beside the address. Flags stay. */
  private int highToScratch(Instruction i) {
    code.rotateRight32(R13, i.reg - 4, 8);
    return R13;
  }

  /**
   * BMI instructions whose second register is displaced. Their first is written whole and not read,
   * so that a source can wait in its stand-in; what MULX writes second may replace the address.
   */
  private void displacedVvvv(Instruction i, Context context) {
    int reg = i.reg; // BLSR and its kin have a part of the opcode there
    if (regGeneral) {
      reg = Displaced.inMemory(i.reg) ? R13 : Displaced.host(i.reg);
    }
    if (vvvvWritten) {
      access.known().forget();
      reencoder.memory(raw, context.page, reg, R14);
      store(true, i.vvvv, R14);
    } else {
      code.load(R13, Displaced.slot(i.vvvv));
      reencoder.memory(raw, context.page, reg, R13);
    }
    store(regGeneral && regWritten, i.reg); // MULX: of two equal the first counts
  }

  /** Adds to the address in R14 which operand of the bit string it is. Flags stay. */
  private boolean addBitOffset(Instruction i) {
    if (i.operandSize == 16) {
      return false;
    }
    boolean wide = i.operandSize == 64;
    int bit = load(true, i.reg, R13);
    if (wide) {
      code.moveImmediate32(R15, 6);
      code.shiftRightArithmetic(R13, bit, R15);
    } else {
      code.moveSignExtended(R13, bit);
      code.moveImmediate32(R15, 5);
      code.shiftRightArithmetic(R13, R13, R15);
    }
    code.lea(R14, R14, R13, wide ? 3 : 2, 0);
    return true;
  }

  /** Puts the number of the bit within its operand into R13. Flags stay. */
  private int bitInOperand(Instruction i) {
    int bit = load(true, i.reg, R13);
    int mask = i.operandSize == 64 ? StateBlock.BIT_OF_64 : StateBlock.BIT_OF_32;
    code.extractBits(R13, bit, mask);
    return R13;
  }

  private boolean registerForm(Instruction i, Context context) {
    boolean same = regGeneral && rmGeneral && i.rm == i.reg;
    int reg = loadIf(regNeeded || same && rmNeeded, regGeneral, i.reg, R13);
    if (worksOnSlot(i)) {
      reencoder.slot(raw, context.page, reg, Displaced.slot(i.rm));
      store(regGeneral && regWritten, i.reg, reg);
      return true;
    }
    boolean free = !regGeneral || !Displaced.inMemory(i.reg);
    int rm = same ? reg : loadIf(rmNeeded, rmGeneral, i.rm, free ? R13 : R14);
    int vvvv = load(vvvvGeneral, i.vvvv, R15);
    if (rm == R14 || vvvv == R15) {
      access.known().forget();
    }
    if (highByte && (reg >= 8 || rm >= 8)) {
      return false;
    }
    reencoder.registers(raw, context.page, reg, rm, vvvv);
    store(vvvvGeneral && vvvvWritten, i.vvvv, vvvv); // MULX: of two equal the first counts
    store(regGeneral && regWritten, i.reg, reg);
    store(rmGeneral && rmWritten, i.rm, rm);
    return true;
  }

  /**
   * Whether the r/m operand is a displaced register that the instruction can work on where it is:
   * as memory it must mean the same, so nothing is written that clears the upper half of a
   * register, nothing is locked, and no bit is sought beyond it.
   */
  private boolean worksOnSlot(Instruction i) {
    if (!rmGeneral || !Displaced.inMemory(i.rm) || i.operandSize == 16 || !onSlot(i.form)) {
      return false;
    }
    return !(regGeneral && regWritten && i.reg == i.rm) && (!rmWritten || i.operandSize == 64);
  }

  private boolean onSlot(InstructionForm form) {
    byte known = slotForms[form.id];
    if (known == 0) {
      known = (byte) (meansTheSameInMemory(form) ? 1 : 2);
      slotForms[form.id] = known;
    }
    return known == 1;
  }

  private static boolean meansTheSameInMemory(InstructionForm form) {
    boolean plain =
        switch (form.meaning) {
          case "ADD", "OR", "ADC", "SBB", "AND", "SUB", "XOR", "CMP", "TEST", "MOV" -> true;
          case "INC", "DEC", "NEG", "NOT", "SHL", "SHR", "SAR", "ROL", "ROR" -> true;
          case "IMUL2", "IMUL3", "CMOVCC", "MOVZX", "MOVSX", "MOVSXD" -> true;
          default -> false;
        };
    for (Operand operand : form.operands) {
      boolean ofOperandSize = operand.size() == Operand.Size.OPERAND;
      if (operand.place() == Operand.Place.RM && operand.written()) {
        plain &= ofOperandSize;
      }
      plain &= operand.place() != Operand.Place.RM_REGISTER;
    }
    return plain;
  }

  private boolean opcodeForm(Instruction i, Context context) {
    if (i.codeSize == 32 && i.form.meaning.startsWith("VZERO")) {
      zeroOfEight(i.form.meaning.equals("VZEROALL"));
      return true;
    }
    if (!opcodeGeneral) { // also AH to BH, which have their own numbers
      reencoder.verbatim(context.page, context.offset, i.length);
      return true;
    }
    int register = loadIf(opcodeNeeded, true, i.opcodeRegister, R13);
    reencoder.opcodeRegister(raw, context.page, register);
    store(opcodeWritten, i.opcodeRegister, register);
    return true;
  }

  /**
   * VZEROALL and VZEROUPPER of 32-bit code, which leave YMM8 to YMM15 alone.
   *
   * @spec Intel SDM Vol. 2, "VZEROALL" and "VZEROUPPER"
   */
  private void zeroOfEight(boolean whole) {
    for (int n = 0; n < 8; n++) {
      if (whole) {
        code.bytes(0xC5, 0x81 | (~n & 15) << 3, 0xEF, Assembler.modrm(3, n, n)); // vpxor xmm
      } else {
        code.bytes(0xC5, 0xF9, 0x6F, Assembler.modrm(3, n, n)); // vmovdqa xmm, itself
      }
    }
  }

  /** As {@link #load}, but for a register whose old value may not count. */
  private int loadIf(boolean needed, boolean general, int guest, int standIn) {
    return needed || !general || !Displaced.inMemory(guest)
        ? load(general, guest, standIn)
        : standIn;
  }

  /** Host register for a field; loads the guest register if it has none of its own. */
  private int load(boolean general, int guest, int standIn) {
    if (!general) {
      return guest;
    }
    if (!Displaced.inMemory(guest)) {
      return Displaced.host(guest);
    }
    code.load(standIn, Displaced.slot(guest));
    return standIn;
  }

  private void store(boolean written, int guest) {
    store(written, guest, R13);
  }

  private void store(boolean written, int guest, int from) {
    if (written && Displaced.inMemory(guest)) {
      code.store(from, Displaced.slot(guest));
    }
  }

  /** Emits LEA; false if it is for the interpreter. */
  boolean lea(Instruction i, int offset) {
    if (i.operandSize == 16) {
      return false;
    }
    int destination = Displaced.inMemory(i.reg) ? R13 : Displaced.host(i.reg);
    GuestAddress address = GuestAddress.of(i, offset + i.length);
    if (address == null) {
      return false;
    }
    if (address.index() != Instruction.NONE && Displaced.inMemory(address.index())) {
      access.known().forget();
    }
    access.effectiveAddress(address, destination, R13, R14);
    if (i.operandSize == 32) {
      code.move32(destination, destination);
    }
    store(true, i.reg, R13);
    return true;
  }
}
