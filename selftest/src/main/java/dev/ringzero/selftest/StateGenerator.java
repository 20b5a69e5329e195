package dev.ringzero.selftest;

import dev.ringzero.testkit.silicon.NativeCpu;
import dev.ringzero.testkit.silicon.ProcessorState;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.instruction.Attribute;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;
import java.util.random.RandomGenerator;

/** Random states in which an encoding can run: its memory operands lie in the tested memory. */
final class StateGenerator {
  private static final int RAX = 0, RCX = 1, RDX = 2, RBX = 3, RSP = 4, RBP = 5, RSI = 6, RDI = 7;
  private static final long DATA = NativeCpu.DATA;
  private static final int BYTES = ProcessorState.MEMORY_BYTES;

  private final RandomGenerator random;
  private final Values values;

  StateGenerator(RandomGenerator random) {
    this.random = random;
    this.values = new Values(random);
  }

  /** Fills a state for this encoding; false if it does not fit and should be thrown away. */
  boolean generate(Encoding encoding, ProcessorState s) {
    Instruction i = encoding.instruction;
    s.rip = NativeCpu.CODE;
    s.exception = -1;
    for (int r = 0; r < 16; r++) {
      s.gpr[r] = values.integer();
    }
    s.flags = random.nextLong() & Rflags.STATUS | Rflags.FIXED;
    if (i.form.is(Attribute.STRING) && random.nextInt(3) == 0 || random.nextInt(20) == 0) {
      s.flags |= Rflags.DF;
    }
    vectors(i, s);
    x87(i, s);
    implicitOperands(i, s);
    if (!memoryOperand(encoding, s)) {
      return false;
    }
    branchTargets(encoding, s);
    return true;
  }

  private void vectors(Instruction i, ProcessorState s) {
    boolean used =
        i.form.is(Attribute.SSE | Attribute.AVX) || i.vectorLength != 0 || Images.isImage(i.form);
    s.mxcsr = 0x1F80;
    if (!used) {
      return;
    }
    for (int n = 0; n < 64; n += 4) {
      int kind = random.nextInt(4);
      for (int lane = 0; lane < 4; lane++) {
        s.vector[n + lane] =
            switch (kind) {
              case 0 -> values.doubleBits();
              case 1 -> values.singleBits() & 0xFFFF_FFFFL | (long) values.singleBits() << 32;
              default -> values.bits64();
            };
      }
    }
    s.mxcsr = random.nextInt(4) << 13 | 0x1F80;
    if (random.nextInt(4) == 0) {
      s.mxcsr |= random.nextInt() & 0x8040 | random.nextInt() & 0x3F;
    }
    if (random.nextInt(8) == 0) {
      s.mxcsr &= random.nextInt();
    }
  }

  private void x87(Instruction i, ProcessorState s) {
    s.controlWord = 0x37F;
    s.statusWord = 0;
    s.abridgedTag = 0;
    s.opcode = 0;
    s.instructionPointer = 0;
    s.dataPointer = 0;
    boolean used = i.form.is(Attribute.X87) || Images.isImage(i.form);
    if (i.form.is(Attribute.MMX)) {
      mmx(s);
      return;
    }
    if (!used) {
      return;
    }
    s.controlWord = 0x7F | random.nextInt(4) << 8 | random.nextInt(4) << 10;
    s.statusWord = random.nextInt(8) << 11 | random.nextInt() & 0x4700;
    s.abridgedTag = random.nextInt(3) == 0 ? random.nextInt(256) : occupiedBelow(s);
    for (int n = 0; n < 8; n++) {
      s.signExponent[n] = values.signExponent();
      s.significand[n] = values.significand(s.signExponent[n]);
    }
    if (random.nextInt(8) == 0) {
      s.controlWord &= ~0x3F | random.nextInt();
    }
    if (random.nextInt(16) == 0) {
      s.statusWord |= random.nextInt() & 0x3F;
      if ((s.statusWord & ~s.controlWord & 0x3F) != 0) {
        s.statusWord |= 0x8080;
      }
    }
  }

  /** Some registers from the top of the stack on are full, the others empty. */
  private int occupiedBelow(ProcessorState s) {
    int top = s.statusWord >>> 11 & 7;
    int count = 1 + random.nextInt(7);
    int bits = (1 << count) - 1;
    return (bits << top | bits >>> 8 - top) & 0xFF;
  }

  private void mmx(ProcessorState s) {
    s.statusWord = random.nextInt(8) << 11;
    s.abridgedTag = random.nextInt(256);
    for (int n = 0; n < 8; n++) {
      s.significand[n] = values.bits64();
      s.signExponent[n] = random.nextInt(0x10000);
    }
  }

  private void implicitOperands(Instruction i, ProcessorState s) {
    s.gpr[RSP] = DATA + 2048 + 8L * random.nextInt(512);
    switch (i.form.meaning) {
      case "XLAT" -> s.gpr[RBX] = address(1);
      case "LEAVE", "ENTER" -> s.gpr[RBP] = DATA + 2048 + 8L * random.nextInt(512);
      case "MASKMOVQ", "MASKMOVDQU", "VMASKMOVDQU" -> s.gpr[RDI] = address(16);
      default -> {}
    }
    if (i.form.is(Attribute.STRING)) {
      s.gpr[RSI] = DATA + 1024 + random.nextInt(6000);
      s.gpr[RDI] = DATA + 1024 + random.nextInt(6000);
      if (i.rep || i.repne) {
        s.gpr[RCX] = random.nextInt(random.nextInt(4) == 0 ? 60 : 6);
      }
    }
    if (i.addressSize == 32) {
      long garbage = random.nextLong() << 32;
      s.gpr[RSI] |= i.rep || i.repne ? 0 : garbage;
      boolean counts = (i.rep || i.repne) && s.gpr[RCX] != 0; // of zero steps RCX may stay as it is
      s.gpr[RCX] |= counts ? garbage : 0;
      s.gpr[RBX] |= i.form.meaning.equals("XLAT") ? garbage : 0;
    }
    for (int n = 0; n < 16; n++) {
      window(s, 512 * n);
    }
    if (i.form.is(Attribute.STRING)) {
      window(s, (int) ((s.gpr[RSI] & 0xFFFF_FFFFL) - DATA));
      window(s, (int) (s.gpr[RDI] - DATA));
    }
    window(s, (int) (s.gpr[RSP] - DATA));
  }

  private long address(int sizeBytes) {
    return switch (random.nextInt(16)) {
      case 0 -> DATA + BYTES - random.nextInt(sizeBytes + 8); // over the end
      case 1 -> DATA + 4096 - random.nextInt(sizeBytes + 8); // over a page boundary
      case 2 -> DATA + random.nextInt(8);
      case 3, 4, 5 -> DATA + 128 + random.nextInt(BYTES - 256);
      default -> DATA + 128 + 64L * random.nextInt((BYTES - 256) / 64);
    };
  }

  /** New values in the memory around an offset. */
  private void window(ProcessorState s, int offset) {
    int start = Math.max(0, Math.min(offset, BYTES - 40) - 8);
    for (int at = start; at + 8 <= Math.min(BYTES, start + 48); at += 8) {
      put(s, at, values.bits64());
    }
  }

  private static void put(ProcessorState s, int at, long value) {
    for (int n = 0; n < 8; n++) {
      s.memory[at + n] = (byte) (value >>> 8 * n);
    }
  }

  private boolean memoryOperand(Encoding e, ProcessorState s) {
    if (!e.memory) {
      return true;
    }
    Instruction i = e.instruction;
    if (i.form.operands.length > 0 && i.form.meaning.startsWith("BT") && usesBitOffset(i)) {
      if (i.reg == e.base || i.reg == e.index) {
        return false;
      }
      s.gpr[i.reg] = random.nextInt(2048) - 1024;
    }
    if (isVectorIndexed(i)) {
      return vectorIndices(e, s);
    }
    boolean image = Images.isImage(i.form);
    long target = image ? DATA + Images.offset(random) : address(16);
    if (image && (e.base == RAX || e.base == RDX || e.index == RAX || e.index == RDX)) {
      return false;
    }
    if (e.base >= 0) {
      if (e.base == e.index || e.base == RSP && usesStack(i)) {
        return false;
      }
      long index = e.index >= 0 ? s.gpr[e.index] << e.scale : 0;
      long value = target - index - e.displacement;
      s.gpr[e.base] = e.address32 ? value & 0xFFFF_FFFFL | random.nextLong() << 32 : value;
    } else if (e.base == Encoding.NONE && e.index >= 0 && e.scale == 0) {
      s.gpr[e.index] =
          e.address32 ? target - e.displacement & 0xFFFF_FFFFL : target - e.displacement;
    } else {
      target = effectiveAddress(e, s);
    }
    operandAt(i, s, (int) (target - DATA));
    if (image && target >= DATA && target < DATA + BYTES) {
      Images.prepare(i, s, (int) (target - DATA), random);
    }
    long address = effectiveAddress(e, s);
    return address >= DATA && address < DATA + BYTES;
  }

  private void operandAt(Instruction i, ProcessorState s, int offset) {
    window(s, offset);
    boolean tenBytes = false;
    for (Operand operand : i.form.operands) {
      tenBytes |= operand.size() == Operand.Size.TBYTE && operand.place() == Operand.Place.MEMORY;
    }
    if (tenBytes && offset >= 0 && offset + 16 < BYTES) {
      int signExponent = values.signExponent();
      put(s, offset, values.significand(signExponent));
      put(s, offset + 8, signExponent);
    }
  }

  private static boolean usesStack(Instruction i) {
    return switch (i.form.meaning) {
      case "PUSH", "POP", "CALL" -> true;
      default -> false;
    };
  }

  private static boolean usesBitOffset(Instruction i) {
    return i.form.operands.length == 2 && i.operand(1).place() == Operand.Place.REG;
  }

  private static boolean isVectorIndexed(Instruction i) {
    for (Operand operand : i.form.operands) {
      if (operand.place() == Operand.Place.VSIB) {
        return true;
      }
    }
    return false;
  }

  private boolean vectorIndices(Encoding e, ProcessorState s) {
    if (e.address32) {
      return false;
    }
    s.gpr[e.base] = DATA + 4096 - e.displacement;
    boolean narrow =
        e.instruction.form.mnemonic.startsWith("vgatherd")
            || e.instruction.form.mnemonic.startsWith("vpgatherd");
    for (int lane = 0; lane < 4; lane++) {
      long low = random.nextInt(800) - 400;
      long high = random.nextInt(800) - 400;
      s.vector[4 * e.index + lane] = narrow ? low & 0xFFFF_FFFFL | high << 32 : low;
    }
    return true;
  }

  private static long effectiveAddress(Encoding e, ProcessorState s) {
    long base =
        e.base == Encoding.RIP ? NativeCpu.CODE + e.length : e.base >= 0 ? s.gpr[e.base] : 0;
    long index = e.index >= 0 ? s.gpr[e.index] << e.scale : 0;
    long address = base + index + e.displacement;
    return e.address32 ? address & 0xFFFF_FFFFL : address;
  }

  /** Gives indirect branches somewhere to go. */
  private void branchTargets(Encoding e, ProcessorState s) {
    Instruction i = e.instruction;
    if (!i.form.is(Attribute.BRANCH)) {
      return;
    }
    long target = NativeCpu.CODE + 0x100 + random.nextInt(0x400);
    switch (i.form.meaning) {
      case "RET" -> put(s, (int) (s.gpr[RSP] - DATA), target);
      case "CALL", "JMP" -> {
        if (e.memory) {
          long offset = effectiveAddress(e, s) - DATA;
          if (offset + 8 <= BYTES) {
            put(s, (int) offset, target);
          }
        } else if (i.operand(0).place() == Operand.Place.RM && i.rm != RSP) {
          s.gpr[i.rm] = target;
        }
      }
      default -> {}
    }
  }
}
