package dev.ringzero.selftest;

import dev.ringzero.testkit.silicon.NativeCpu;
import dev.ringzero.testkit.silicon.ProcessorState;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.instruction.Attribute;
import dev.ringzero.x86.instruction.InstructionForm;
import dev.ringzero.x86.instruction.Operand;
import java.util.random.RandomGenerator;

/**
 * Random encodings of a table row in 64-bit or 32-bit code: prefixes, registers, addressing forms,
 * immediates. The memory operand is planned for a target in the tested memory; {@link
 * StateGenerator} sets the registers for it.
 */
final class EncodingGenerator {
  private static final int ATTEMPTS = 100;
  private static final int JCC = 0x70;

  private final RandomGenerator random;
  private boolean wide;
  private int segments;

  EncodingGenerator(RandomGenerator random) {
    this.random = random;
  }

  /** Makes an encoding of this row; false if none was found. */
  boolean generate(Template template, Encoding out) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      out.clear();
      build(template, out);
      if (out.decode() && out.instruction.form == template.form) {
        fixImmediates(out);
        return out.decode();
      }
    }
    return false;
  }

  /** Puts a Jcc behind an instruction whose flags it can tell, now and then. */
  void addBranch(Encoding out) {
    InstructionForm form = out.instruction.form;
    boolean open = form.meaning.equals("SHLD") || form.meaning.equals("SHRD"); // of 16 bits
    boolean ends = open || form.is(Attribute.BRANCH | Attribute.STRING);
    int condition = random.nextInt(16);
    if (ends || (form.flagsUndefined & flagsOf(condition)) != 0 || !oneIn(3)) {
      return;
    }
    out.bytes[out.length] = (byte) (JCC | condition);
    out.bytes[out.length + 1] = (byte) (16 + random.nextInt(100));
    out.total = out.length + 2;
  }

  /** Status flags that a condition depends on. */
  private static long flagsOf(int condition) {
    return switch (condition >> 1) {
      case 0 -> Rflags.OF;
      case 1 -> Rflags.CF;
      case 2 -> Rflags.ZF;
      case 3 -> Rflags.CF | Rflags.ZF;
      case 4 -> Rflags.SF;
      case 5 -> Rflags.PF;
      case 6 -> Rflags.SF | Rflags.OF;
      default -> Rflags.ZF | Rflags.SF | Rflags.OF;
    };
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  /** The chance of an FS or GS prefix on what addresses memory: one in so many, or 0 for none. */
  void segments(int oneIn) {
    segments = oneIn;
  }

  private void build(Template t, Encoding out) {
    wide = out.codeSize == 64;
    boolean memory = t.memoryAllowed && (!t.registerAllowed || random.nextBoolean());
    out.memory = memory;
    boolean addresses = memory || t.form.is(Attribute.STRING);
    if (segments != 0 && addresses && oneIn(segments)) {
      out.add(oneIn(2) ? 0x64 : 0x65);
    }
    if (wide && (t.addressSize == 32 || t.addressSize == 0 && oneIn(addresses ? 12 : 60))) {
      out.address32 = true;
      out.add(0x67);
    }
    if (!t.vex && oneIn(50)) {
      out.add(0x3E);
    }
    if (t.vex) {
      vexPrefix(t, out, memory);
    } else {
      legacyPrefixes(t, out, memory);
    }
    int opcode = t.opcode;
    if (t.registerInOpcode) {
      opcode |= random.nextInt(8);
    }
    out.add(opcode);
    if (t.modrm) {
      modrm(t, out, memory);
    }
    int end = out.length;
    while (out.length < end + 9) {
      out.add(immediateByte());
    }
  }

  private int immediateByte() {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt(8);
      case 1 -> oneIn(2) ? 0x80 : 0xFF;
      default -> random.nextInt(256);
    };
  }

  /** REX or VEX extension bits R, X and B of the instruction being built. */
  private boolean extendsReg, extendsIndex, extendsBase;

  private void legacyPrefixes(Template t, Encoding out, boolean memory) {
    if (t.form.is(Attribute.LOCKABLE) && memory && oneIn(4)) {
      out.add(0xF0);
    }
    if (t.mandatoryPrefix != 0) {
      out.add(t.mandatoryPrefix);
    } else if (!t.prefixesTold) {
      if (oneIn(4)) {
        out.add(0x66);
      }
      if (t.form.is(Attribute.STRING) && random.nextBoolean()) {
        out.add(random.nextBoolean() ? 0xF3 : 0xF2);
      }
    }
    boolean w = t.rexW || oneIn(3);
    boolean any = wide && (w || random.nextBoolean());
    extendsReg = any && random.nextBoolean();
    extendsIndex = any && random.nextBoolean();
    extendsBase = any && !t.noExtension && random.nextBoolean();
    if (any) {
      out.add(
          0x40
              | (w ? 8 : 0)
              | (extendsReg ? 4 : 0)
              | (extendsIndex ? 2 : 0)
              | (extendsBase ? 1 : 0));
    }
    if (t.map > 0) {
      out.add(0x0F);
    }
    if (t.map > 1) {
      out.add(t.map == 2 ? 0x38 : 0x3A);
    }
  }

  private void vexPrefix(Template t, Encoding out, boolean memory) {
    boolean w = t.vexW[0] && t.vexW[1] ? random.nextBoolean() : t.vexW[1];
    boolean l = t.lengths[0] && t.lengths[1] ? random.nextBoolean() : t.lengths[1];
    int vvvv = t.usesVvvv ? random.nextInt(wide ? 16 : 8) : 0;
    int prefix =
        switch (t.mandatoryPrefix) {
          case 0x66 -> 1;
          case 0xF3 -> 2;
          case 0xF2 -> 3;
          default -> 0;
        };
    int last = (~vvvv & 15) << 3 | (l ? 4 : 0) | prefix;
    extendsReg = wide && random.nextBoolean();
    if (t.map == 1 && (!w || t.vexW[0]) && oneIn(3)) {
      extendsIndex = false;
      extendsBase = false;
      out.add(0xC5);
      out.add((extendsReg ? 0 : 0x80) | last);
      return;
    }
    extendsIndex = wide && random.nextBoolean();
    extendsBase = wide && random.nextBoolean();
    out.add(0xC4);
    out.add((extendsReg ? 0 : 0x80) | (extendsIndex ? 0 : 0x40) | (extendsBase ? 0 : 0x20) | t.map);
    out.add((w ? 0x80 : 0) | last);
  }

  private void modrm(Template t, Encoding out, boolean memory) {
    if (t.wholeModrm != Template.ANY) {
      out.add(t.wholeModrm | (t.registerInModrm ? random.nextInt(8) : 0));
      return;
    }
    int reg = (t.extension != Template.ANY ? t.extension : random.nextInt(8)) << 3;
    if (!memory) {
      out.add(0xC0 | reg | random.nextInt(8));
    } else {
      address(t, out, reg);
    }
  }

  private void address(Template t, Encoding out, int reg) {
    out.base = Encoding.NONE;
    out.index = Encoding.NONE;
    out.scale = 0;
    int kind = t.vectorIndex ? 2 : random.nextInt(8);
    switch (kind) {
      case 0 -> ripRelative(out, reg);
      case 1 -> {
        out.add(reg | 4);
        out.add(0x25); // no base, no index
        withoutIndex(out);
        displacement(out, 2, random.nextInt(ProcessorState.MEMORY_BYTES - 64) + NativeCpu.DATA);
      }
      case 2, 3, 4 -> withIndex(t, out, reg);
      default -> withBase(out, reg);
    }
  }

  private void ripRelative(Encoding out, int reg) {
    out.base = Encoding.RIP;
    out.add(reg | 5);
    out.displacementAt = out.length;
    displacement(out, 2, 0);
  }

  private void withBase(Encoding out, int reg) {
    int low = random.nextInt(8);
    out.base = low | (extendsBase ? 8 : 0);
    int mod = random.nextInt(3);
    if (low == 5 && mod == 0) {
      mod = 1;
    }
    out.add(mod << 6 | reg | low);
    if (low == 4) {
      out.add(0x24);
      withoutIndex(out);
    }
    displacement(out, mod, random.nextInt());
  }

  /** Index 4 means none, unless its extension bit makes it R12. */
  private void withoutIndex(Encoding out) {
    if (extendsIndex) {
      out.index = 12;
    }
  }

  private void withIndex(Template t, Encoding out, int reg) {
    int low = random.nextInt(8);
    int index = random.nextInt(8);
    int mod = random.nextInt(3);
    if (low == 5 && mod == 0) {
      mod = 2;
    }
    out.scale = random.nextInt(4);
    out.base = low | (extendsBase ? 8 : 0);
    int number = index | (extendsIndex ? 8 : 0);
    out.index = number == 4 && !t.vectorIndex ? Encoding.NONE : number;
    out.add(mod << 6 | reg | 4);
    out.add(out.scale << 6 | index << 3 | low);
    displacement(out, mod, random.nextInt());
  }

  private void displacement(Encoding out, int mod, long value) {
    out.displacement = 0;
    if (mod == 1) {
      out.displacement = (byte) value;
      out.add((int) value);
    } else if (mod == 2) {
      out.displacement = (int) value;
      out.addDword(value);
    }
  }

  /** Keeps branches, frames and RIP-relative operands within the tested memory. */
  private void fixImmediates(Encoding out) {
    int length = out.length;
    if (out.memory && out.base == Encoding.RIP) {
      long target = NativeCpu.DATA + 128 + random.nextInt(ProcessorState.MEMORY_BYTES - 256);
      out.displacement = wide ? target - (NativeCpu.CODE + length) : target;
      out.setDword(out.displacementAt, out.displacement);
    }
    switch (out.instruction.form.operands.length == 0 ? "" : out.instruction.operand(0).code()) {
      case "Jb" -> out.bytes[length - 1] = (byte) distance(length, 128);
      case "Jz" -> out.setDword(length - 4, distance(length, 0x300));
      default -> {}
    }
    switch (out.instruction.form.meaning) {
      case "ENTER" -> {
        out.bytes[length - 2] = 0;
        out.bytes[length - 1] &= (byte) (random.nextBoolean() ? 0xC3 : 0xC0);
      }
      default -> {}
    }
    if (out.instruction.form.operands.length > 0 && hasMoffs(out)) {
      long target = NativeCpu.DATA + random.nextInt(ProcessorState.MEMORY_BYTES - 8);
      int bytes = out.instruction.addressSize / 8;
      for (int n = 0; n < bytes; n++) {
        out.bytes[length - bytes + n] = (byte) (target >>> 8 * n);
      }
    }
  }

  private static boolean hasMoffs(Encoding out) {
    for (var operand : out.instruction.form.operands) {
      if (operand.place() == Operand.Place.MOFFS) {
        return true;
      }
    }
    return false;
  }

  /** A branch distance that does not lead into the tested instruction or the jump behind it. */
  private int distance(int length, int range) {
    int distance;
    do {
      distance = random.nextInt(2 * range) - range;
    } while (distance >= -length - 8 && distance < 8);
    return distance;
  }
}
