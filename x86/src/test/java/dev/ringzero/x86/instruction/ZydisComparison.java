package dev.ringzero.x86.instruction;

import dev.ringzero.x86.Rflags;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Compares one decoded instruction with what Zydis says of it. */
final class ZydisComparison {
  private final Zydis zydis;
  private final Instruction instruction;
  private final int mode;
  private final List<String> differences = new ArrayList<>();

  ZydisComparison(Zydis zydis, Instruction instruction, int mode) {
    this.zydis = zydis;
    this.instruction = instruction;
    this.mode = mode;
  }

  List<String> differences() {
    String mnemonic = Disassembler.mnemonic(instruction);
    String expected = ZydisDifferences.name(instruction, zydis);
    if (!mnemonic.equals(expected)) {
      differ("mnemonic", expected);
    }
    if (instruction.addressSize != zydis.addressWidth()) {
      differ("address size", zydis.addressWidth());
    }
    flags();
    operands();
    implicitRegisters();
    return differences;
  }

  private void differ(String what, Object expected) {
    differences.add(what + " of " + instruction.form + " is " + expected);
  }

  private void flags() {
    int status = (int) (Rflags.STATUS | Rflags.DF);
    if ((zydis.flagsTested() & status & ~instruction.form.flagsRead) != 0) {
      differ("flags read", Integer.toHexString(zydis.flagsTested() & status));
    }
    if (ZydisDifferences.flags(instruction)) {
      return;
    }
    int written = (zydis.flagsModified() | zydis.flagsSet() | zydis.flagsUndefined()) & status;
    if (written != (instruction.form.flagsWritten & status)) {
      differ("flags written", Integer.toHexString(written));
    }
    int undefined = zydis.flagsUndefined() & status;
    if (undefined != (instruction.form.flagsUndefined & status)) {
      differ("flags undefined", Integer.toHexString(undefined));
    }
  }

  private void implicitRegisters() {
    if (ZydisDifferences.implicitRegisters(instruction)) {
      return;
    }
    int read = 0;
    int written = 0;
    for (int i = 0; i < zydis.operands(); i++) {
      if (zydis.hidden(i) && zydis.type(i) == Zydis.REGISTER) {
        int register = generalRegister(zydis.register(i));
        read |= zydis.reads(i) ? register : 0;
        written |= zydis.writes(i) ? register : 0;
      }
    }
    if (instruction.rep || instruction.repne) {
      read &= ~2 | instruction.form.implicitRead;
      written &= ~2 | instruction.form.implicitWritten;
    }
    if (read != instruction.form.implicitRead) {
      differ("registers read " + instruction.form.implicitRead, read);
    }
    if (written != instruction.form.implicitWritten) {
      differ("registers written " + instruction.form.implicitWritten, written);
    }
  }

  private static int generalRegister(String name) {
    for (int register = 0; register < 16; register++) {
      for (int width = 8; width <= 64; width *= 2) {
        if (RegisterNames.general(register, width, true).equals(name)) {
          return 1 << register;
        }
      }
    }
    return name.equals("ah") ? 1 : 0;
  }

  private void operands() {
    Operand[] ours = instruction.form.operands;
    int count = 0;
    int[] visible = new int[10];
    for (int i = 0; i < zydis.operands(); i++) {
      boolean string = instruction.form.is(Attribute.STRING) && i < 2;
      if (!zydis.hidden(i) || string) {
        visible[count++] = i;
      }
    }
    if (instruction.form.meaning.equals("NOP") || "SVM".equals(instruction.form.feature)) {
      return;
    }
    if (count < ours.length) {
      ours = withoutFixed(ours);
    }
    if (count != ours.length) {
      differ("operand count", count);
      return;
    }
    for (int i = 0; i < count; i++) {
      operand(i, visible[i], ours[i]);
    }
  }

  /** Zydis hides ST(0) and XMM0 where assemblers do not write them. */
  private static Operand[] withoutFixed(Operand[] operands) {
    return Arrays.stream(operands)
        .filter(o -> o.place() != Operand.Place.FIXED_ST && o.place() != Operand.Place.FIXED_VECTOR)
        .toArray(Operand[]::new);
  }

  private void operand(int place, int theirs, Operand ours) {
    String name = "operand " + place;
    int type = type(ours);
    if (ZydisDifferences.operand(instruction, place)) {
      return;
    }
    if (type != zydis.type(theirs)) {
      differ(name + " type", zydis.type(theirs));
      return;
    }
    int width = instruction.width(ours);
    switch (type) {
      case Zydis.REGISTER -> {
        String register = text(ours);
        if (!register.equals(zydis.register(theirs))) {
          differ(name, zydis.register(theirs));
        }
      }
      case Zydis.MEMORY -> {
        if (width != 0 && width != zydis.width(theirs)) {
          differ(name + " width " + width, zydis.width(theirs));
        }
        memory(name, theirs, ours);
      }
      case Zydis.IMMEDIATE -> {
        long mask = width >= 64 || width == 0 ? -1L : (1L << width) - 1;
        long value =
            switch (ours.place()) {
              case ONE -> 1;
              case IMMEDIATE2 -> instruction.immediate2;
              default -> instruction.immediate;
            };
        if (((value ^ zydis.immediate(theirs)) & mask) != 0) {
          differ(name, Long.toHexString(zydis.immediate(theirs)));
        }
      }
      default -> {}
    }
    if (type == Zydis.REGISTER || type == Zydis.MEMORY && width != 0) {
      access(name, theirs, ours);
    }
  }

  private void access(String name, int theirs, Operand ours) {
    if (instruction.rep || instruction.repne || ZydisDifferences.access(instruction)) {
      return;
    }
    boolean read = zydis.reads(theirs) || zydis.writesSometimes(theirs);
    if (ours.written() != zydis.writes(theirs)) {
      differ(name + " written " + ours.written(), zydis.writes(theirs));
    }
    if (ours.read() != read) {
      differ(name + " read " + ours.read(), read);
    }
  }

  private void memory(String name, int theirs, Operand ours) {
    if (ours.place() == Operand.Place.STRING_SOURCE
        || ours.place() == Operand.Place.STRING_DESTINATION) {
      return;
    }
    String[] segments = {"es", "cs", "ss", "ds", "fs", "gs"};
    String segment = segments[instruction.segment];
    if (width(ours) != 0 && !segment.equals(zydis.segment(theirs))) {
      differ(name + " segment " + segment, zydis.segment(theirs));
    }
    String base =
        switch (instruction.base) {
          case Instruction.NONE -> "none";
          case Instruction.RIP -> instruction.addressSize == 64 ? "rip" : "eip";
          default -> RegisterNames.general(instruction.base, instruction.addressSize, false);
        };
    if (mode == 64
        && instruction.addressSize == 32
        && instruction.base == Instruction.NONE
        && zydis.base(theirs).equals("r13d")) {
      return; // a bug of Zydis 4.0: SIB with mod 0 and base 101 has no base, whatever REX.B says
    }
    if (!base.equals(zydis.base(theirs))) {
      differ(name + " base " + base, zydis.base(theirs));
    }
    if (instruction.index == Instruction.NONE
        ? !zydis.index(theirs).equals("none")
        : !text(ours).contains(zydis.index(theirs))
            || zydis.scale(theirs) != 1 << instruction.scale) {
      differ(name + " index " + instruction.index, zydis.index(theirs));
    }
    long displacement = instruction.displacement ^ zydis.displacement(theirs);
    if (displacement << 64 - instruction.addressSize != 0) {
      differ(name + " displacement " + instruction.displacement, zydis.displacement(theirs));
    }
  }

  private int width(Operand operand) {
    return instruction.width(operand);
  }

  private int type(Operand operand) {
    return switch (operand.place()) {
      case RM, VECTOR_RM, MMX_RM -> instruction.hasMemory() ? Zydis.MEMORY : Zydis.REGISTER;
      case MEMORY, MOFFS, VSIB, STRING_SOURCE, STRING_DESTINATION -> Zydis.MEMORY;
      case IMMEDIATE, IMMEDIATE2, ONE, RELATIVE -> Zydis.IMMEDIATE;
      case FAR_POINTER -> Zydis.POINTER;
      default -> Zydis.REGISTER;
    };
  }

  private String text(Operand operand) {
    return Disassembler.operand(instruction, operand).replace("(", "").replace(")", "");
  }
}
