package dev.ringzero.selftest;

import dev.ringzero.testkit.silicon.NativeCpu;
import dev.ringzero.testkit.silicon.ProcessorState;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.instruction.Attribute;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Random sequences: mostly straight, with branches, short loops, calls and stores into their own
 * code. Some registers point into the tested memory and are seldom written, so that most accesses
 * succeed; the rest is as random as it comes. Flags that an instruction leaves undefined are
 * defined again before anything can read them.
 */
final class SequenceGenerator {
  private static final int RAX = 0, RCX = 1, RSP = 4, RBP = 5, RSI = 6, RDI = 7;

  private final RandomGenerator random;
  private final int codeSize;
  private final int registers;
  private final Values values;
  private final EncodingGenerator encodings;
  private final List<List<Template>> kinds;
  private final Encoding encoding;

  /** Whether what depends on more than the state is there too. */
  private final boolean onlyOurs;

  /** Registers that point into memory, that hold small numbers, and that count loops, as bits. */
  private int pointers, small, counters;

  /** Where the immediates of MOVs lie that may be written. */
  private final List<Integer> writable = new ArrayList<>();

  /**
   * @param codeSize 64, or 32 for compatibility mode
   */
  SequenceGenerator(RandomGenerator random, int codeSize) {
    this.random = random;
    this.codeSize = codeSize;
    registers = codeSize / 4;
    encoding = new Encoding(codeSize);
    values = new Values(random);
    encodings = new EncodingGenerator(random);
    onlyOurs = oneIn(8);
    encodings.segments(onlyOurs ? 6 : 0);
    kinds = SequenceRows.byKind(codeSize, onlyOurs);
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  /** Makes a sequence. */
  void generate(Sequence out) {
    out.clear(codeSize);
    if (onlyOurs) {
      out.setOnlyOurs();
    }
    writable.clear();
    pointers = 1 << RSP | 1 << RSI | 1 << RDI;
    pointers |= 1 << random.nextInt(registers);
    pointers |= 1 << random.nextInt(registers);
    int first = 1 << random.nextInt(registers);
    small = (first | 1 << random.nextInt(registers)) & ~pointers;
    counters = 0;
    if (oneIn(3)) {
      startNearPageEnd(out);
    }
    if (oneIn(3)) {
      writableMove(out);
    }
    items(out, 2 + random.nextInt(oneIn(4) ? 60 : 16), 2);
    out.add(0x90); // even where nothing else came of it
  }

  private void startNearPageEnd(Sequence out) {
    int start = 0x800 - random.nextInt(60) - 1;
    out.add(0xE9, start - 5, start - 5 >> 8, 0, 0);
    out.skipTo(start);
  }

  private void items(Sequence out, int count, int depth) {
    for (int n = 0; n < count && out.length() < 0x1400; n++) {
      switch (depth == 0 ? 20 : random.nextInt(20)) {
        case 0, 1 -> branch(out, count - n, depth);
        case 2 -> loop(out, depth);
        case 3 -> call(out, depth);
        case 4 -> writeCode(out);
        default -> instruction(out);
      }
    }
  }

  /** Jcc or JMP over some items. */
  private void branch(Sequence out, int left, int depth) {
    boolean always = oneIn(6);
    if (always) {
      if (oneIn(3)) {
        out.add(0xE3, 5); // jrcxz: not over them
      }
      out.add(0xE9, 0, 0, 0, 0);
    } else {
      out.add(0x0F, 0x80 | random.nextInt(16), 0, 0, 0, 0);
    }
    int behind = out.length();
    items(out, random.nextInt(Math.min(left, 5) + 1), depth - 1);
    out.setDword(behind - 4, out.length() - behind);
  }

  /** A few rounds over some items, counted by a register that they leave alone. */
  private void loop(Sequence out, int depth) {
    int register = oneIn(3) ? RCX : random.nextInt(registers);
    if ((pointers & 1 << register) != 0 || counters != 0) {
      return;
    }
    moveTo(out, register, 2 + random.nextInt(6));
    counters = 1 << register;
    int top = out.length();
    items(out, 1 + random.nextInt(6), depth - 1);
    counters = 0;
    int distance = top - out.length() - 2;
    if (register == RCX && distance >= -128) {
      out.add(0xE0 + random.nextInt(3), distance); // loopne, loope, loop
      return;
    }
    if (codeSize == 64) {
      out.add(0x40 | register >> 3, 0xFF, 0xC8 | register & 7); // dec r32
    } else {
      out.add(0x48 | register); // dec r32
    }
    out.add(0x0F, 0x85, 0, 0, 0, 0);
    out.setDword(out.length() - 4, top - out.length());
  }

  /** MOV r32, imm32. */
  private void moveTo(Sequence out, int register, int value) {
    int low = 0xB8 | register & 7;
    if (codeSize == 64) {
      out.add(0x40 | register >> 3, low, value, value >> 8, value >> 16, value >> 24);
    } else {
      out.add(low, value, value >> 8, value >> 16, value >> 24);
    }
  }

  /** CALL of some items that lie behind it, and RET. */
  private void call(Sequence out, int depth) {
    int register = random.nextInt(registers);
    if (oneIn(3) && ((pointers | counters | small) & 1 << register) == 0) {
      indirectCall(out, register);
    } else {
      out.add(0xE8, 5, 0, 0, 0);
    }
    out.add(0xE9, 0, 0, 0, 0);
    int over = out.length();
    items(out, random.nextInt(4), depth - 1);
    out.add(0xC3);
    out.setDword(over - 4, out.length() - over);
  }

  /** CALL by a register; or PUSH and RET, which is no pair with a call. */
  private void indirectCall(Sequence out, int register) {
    boolean push = oneIn(3);
    int rex = codeSize == 64 ? 1 : 0;
    int behind = out.length() + (push ? 12 : 7) + 2 * rex;
    moveTo(out, register, (int) NativeCpu.CODE + behind + 5);
    if (push) {
      int after = (int) NativeCpu.CODE + behind;
      out.add(0x68, after, after >> 8, after >> 16, after >> 24); // push: where to return
    }
    int form = push ? 0xE0 : 0xD0; // jmp or call
    if (rex == 1) {
      out.add(0x40 | register >> 3, 0xFF, form | register & 7);
    } else {
      out.add(0xFF, form | register);
    }
  }

  /** MOV r32, imm32 that may be written later, or again in a loop. */
  private void writableMove(Sequence out) {
    int register = random.nextInt(8);
    if (((pointers | counters) & 1 << register) == 0) {
      out.add(0xB8 | register, random.nextInt(256), 0, 0, 0);
      writable.add(out.length() - 4);
    }
  }

  /** Writes the immediate of a MOV before or behind. */
  private void writeCode(Sequence out) {
    if (!writable.isEmpty() && oneIn(2)) {
      store(out, writable.get(random.nextInt(writable.size())));
      return;
    }
    storeByte(out);
    int behind = out.length();
    if (oneIn(2)) {
      instruction(out);
    }
    int at = out.length();
    writableMove(out);
    int target = out.length() > at ? at + 1 : behind - 1; // its own immediate
    setTarget(out, behind, target);
  }

  private void store(Sequence out, int target) {
    storeByte(out);
    setTarget(out, out.length(), target);
  }

  private void storeByte(Sequence out) {
    out.add(0xC6, 0x05, 0, 0, 0, 0, random.nextInt(256)); // mov byte [rip + d], imm8; or [d]
  }

  private void setTarget(Sequence out, int behind, int target) {
    int address = codeSize == 64 ? target - behind : (int) NativeCpu.CODE + target;
    out.setDword(behind - 5, address);
  }

  private void instruction(Sequence out) {
    int pick = random.nextInt(100);
    List<Template> kind = kinds.get(pick < 58 ? 0 : pick < 84 ? 1 : pick < 94 ? 2 : 3);
    for (int attempt = 0; attempt < 60; attempt++) {
      Template template = kind.get(random.nextInt(kind.size()));
      if (encodings.generate(template, encoding) && fits()) {
        place(out);
        return;
      }
    }
  }

  private boolean fits() {
    Instruction i = encoding.instruction;
    if (encoding.address32 && !oneIn(8)) {
      return false;
    }
    int written = i.form.implicitWritten;
    int pointed = pointers;
    for (Operand operand : i.form.operands) {
      if (operand.written()) {
        written |= register(operand, i);
      }
    }
    if (i.form.is(Attribute.STRING)
        || i.form.meaning.equals("PUSH")
        || i.form.meaning.equals("POP")
        || i.form.meaning.equals("PUSHF")) {
      pointed &= ~(1 << RSP | 1 << RSI | 1 << RDI);
    }
    if ((written & counters) != 0 || i.form.is(Attribute.STRING) && (counters & 1 << RCX) != 0) {
      return false;
    }
    if ((written & (pointed | small)) != 0 && !oneIn(40)) {
      return false;
    }
    return addressFits(i);
  }

  private static int register(Operand operand, Instruction i) {
    return switch (operand.place()) {
      case REG -> bit(i.reg, operand, i);
      case RM, RM_REGISTER -> i.hasMemory() ? 0 : bit(i.rm, operand, i);
      case OPCODE_REGISTER -> bit(i.opcodeRegister, operand, i);
      case VVVV_GPR -> 1 << i.vvvv;
      case FIXED_GPR -> bit(operand.register(), operand, i);
      default -> 0;
    };
  }

  /** A register as a bit; AH to BH are parts of the first four. */
  private static int bit(int number, Operand operand, Instruction i) {
    boolean high = operand.registerSize() == Operand.Size.BYTE && !i.rex && number >= 4;
    return 1 << (high && number < 8 ? number - 4 : number);
  }

  private boolean addressFits(Instruction i) {
    if (i.form.is(Attribute.STRING)) {
      return true;
    }
    if (i.form.meaning.startsWith("BT")
        && i.hasMemory()
        && i.form.operands.length == 2
        && i.operand(1).place() == Operand.Place.REG
        && (small & 1 << i.reg) == 0) {
      return oneIn(60);
    }
    if (i.form.meaning.equals("LEA") || !encoding.memory || encoding.base == Encoding.RIP) {
      return true;
    }
    boolean based = encoding.base >= 0 && (pointers & 1 << encoding.base) != 0;
    boolean indexed = encoding.index < 0 || (small & 1 << encoding.index) != 0;
    return based && indexed && Math.abs(encoding.displacement) < 300 || oneIn(80);
  }

  private void place(Sequence out) {
    Instruction i = encoding.instruction;
    boolean repeated = i.form.is(Attribute.STRING) && (i.rep || i.repne);
    if (repeated && (encoding.address32 || !oneIn(30))) {
      // With 32-bit addresses and a count of 0 Intel's processors truncate rSI and rDI, which the
      // manual does not say.
      int least = encoding.address32 ? 1 : 0;
      int count = least + random.nextInt(oneIn(4) ? oneIn(4) ? 4000 : 40 : 5);
      out.add(0xB9, count, count >> 8, 0, 0); // mov ecx, n
    }
    if (encoding.memory && encoding.base == Encoding.RIP) {
      long target = NativeCpu.DATA + 128 + random.nextInt(ProcessorState.MEMORY_BYTES - 256);
      long next = NativeCpu.CODE + out.length() + encoding.length;
      encoding.setDword(encoding.displacementAt, codeSize == 64 ? target - next : target);
    }
    out.add(encoding.bytes, encoding.length);
    if ((i.form.flagsUndefined & Rflags.STATUS) != 0) {
      int r = random.nextInt(8);
      out.add(0x39, 0xC0 | r * 9); // cmp r32, itself: defines all flags
    }
  }

  /** Fills a state to begin with. */
  void generate(ProcessorState s) {
    s.rip = NativeCpu.CODE;
    s.exception = -1;
    for (int r = 0; r < 16; r++) {
      s.gpr[r] = values.integer();
      if ((small & 1 << r) != 0) {
        s.gpr[r] = random.nextInt(17);
      }
      if ((pointers & 1 << r) != 0) {
        s.gpr[r] = pointer(r);
      }
      if (codeSize == 32) {
        s.gpr[r] = s.gpr[r] & 0xFFFF_FFFFL | (oneIn(4) ? random.nextLong() << 32 : 0);
      }
    }
    s.flags = random.nextLong() & Rflags.STATUS | Rflags.FIXED | (oneIn(12) ? Rflags.DF : 0);
    for (int n = 0; n < 64; n++) {
      s.vector[n] = values.bits64();
    }
    s.mxcsr = 0x1F80 | random.nextInt(4) << 13;
    if (oneIn(10)) {
      s.mxcsr = random.nextInt(0x10000);
    }
    s.controlWord = 0x7F | random.nextInt(4) << 8 | random.nextInt(4) << 10;
    if (oneIn(12)) {
      s.controlWord &= ~random.nextInt(64); // exceptions are reported, at the next instruction
    }
    s.statusWord = random.nextInt(8) << 11;
    s.abridgedTag = random.nextInt(256);
    s.opcode = 0;
    s.instructionPointer = 0;
    s.dataPointer = 0;
    for (int n = 0; n < 8; n++) {
      s.signExponent[n] = values.signExponent();
      s.significand[n] = values.significand(s.signExponent[n]);
    }
    for (int at = 0; at < s.memory.length; at += 8) {
      long value = values.bits64();
      for (int n = 0; n < 8; n++) {
        s.memory[at + n] = (byte) (value >>> 8 * n);
      }
    }
  }

  private long pointer(int register) {
    int room = ProcessorState.MEMORY_BYTES;
    boolean aligned = register == RSP || register == RBP || oneIn(2);
    long offset =
        switch (random.nextInt(10)) {
          case 0 -> 4096 - random.nextInt(400); // around the boundary of the two pages
          case 1 -> oneIn(4) ? room - random.nextInt(200) : room - 600;
          case 2 -> oneIn(4) ? random.nextInt(100) : 600;
          default -> 512 + random.nextInt(room - 1024);
        };
    return NativeCpu.DATA + (aligned ? offset & -32 : offset);
  }
}
