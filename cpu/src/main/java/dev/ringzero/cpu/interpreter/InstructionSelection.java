package dev.ringzero.cpu.interpreter;

import dev.ringzero.cpu.SemanticsTable;
import dev.ringzero.x86.instruction.Instruction;

/** Chooses the class that executes an instruction: a specialized one for what is frequent. */
final class InstructionSelection {
  private InstructionSelection() {}

  /**
   * What executes an instruction that does not end its block.
   *
   * @param fast whether specialized classes serve: 64-bit mode, not one at a time
   */
  static Op op(Site site, boolean fast) {
    Instruction i = site.instruction();
    Shape shape = fast ? Shape.of(i) : null;
    Class<?> template = shape == null ? null : template(i, shape);
    if (template == NoOp.class) {
      return new NoOp(site);
    }
    return template != null
        ? (Op) Specialized.create(template, shape, site)
        : new GenericOp(site.offset(), i, SemanticsTable.of(i.form));
  }

  /** The template for an instruction, or null where only its generic form serves. */
  private static Class<?> template(Instruction i, Shape shape) {
    return switch (i.form.meaning) {
      case "ADD",
          "ADC",
          "SUB",
          "SBB",
          "AND",
          "OR",
          "XOR",
          "CMP",
          "TEST",
          "IMUL2",
          "SHL",
          "SHR",
          "SAR",
          "ROL",
          "ROR" ->
          BinaryOp.class;
      case "INC", "DEC", "NEG", "NOT", "BSWAP" -> UnaryOp.class;
      case "MOV", "MOVZX", "MOVSX", "MOVSXD" -> MoveOp.class;
      case "LEA" -> LoadAddressOp.class;
      case "CMOVCC" -> ConditionalOp.class;
      case "SETCC" -> shape.destination() == Shape.Place.REGISTER ? ConditionalOp.class : null;
      case "PUSH" -> pushes(i, shape) ? StackOp.class : null;
      case "POP" ->
          i.operandSize == 64 && shape.destination() == Shape.Place.REGISTER ? StackOp.class : null;
      case "NOP" -> NoOp.class;
      default -> null;
    };
  }

  private static boolean pushes(Instruction i, Shape shape) {
    return i.operandSize == 64 && shape.destination() != Shape.Place.MEMORY;
  }

  /** What executes an instruction that ends its block; {@code fast} as for {@link #op}. */
  static BlockEnd end(Site site, boolean fast) {
    Instruction i = site.instruction();
    Shape shape = fast ? Shape.of(i) : null;
    if (shape != null) {
      boolean direct = shape.destination() == Shape.Place.IMMEDIATE;
      Class<?> template =
          switch (i.form.meaning) {
            case "JCC" -> JumpEnd.class;
            case "JMP", "CALL" -> direct ? JumpEnd.class : IndirectEnd.class;
            case "RET" -> IndirectEnd.class;
            default -> null;
          };
      if (template != null) {
        return (BlockEnd) Specialized.create(template, shape, site);
      }
    }
    return new GenericEnd(site.offset(), i, SemanticsTable.of(i.form));
  }

  /** What executes an instruction and the branch behind it as one, or null where nothing does. */
  static BlockEnd fused(Site compare, Instruction branch) {
    Instruction i = compare.instruction();
    Shape shape = branch.form.meaning.equals("JCC") ? Shape.of(i) : null;
    if (shape == null || !fuses(i, shape)) {
      return null;
    }
    Site both = new Site(compare.page(), compare.offset(), i, branch);
    Shape fused = shape.with(branch.form.condition);
    return (BlockEnd) Specialized.create(CompareEnd.class, fused, both);
  }

  private static boolean fuses(Instruction i, Shape shape) {
    return switch (i.form.meaning) {
      case "CMP", "TEST" -> true;
      case "ADD", "SUB", "AND", "OR", "XOR", "INC", "DEC" ->
          shape.destination() == Shape.Place.REGISTER;
      default -> false;
    };
  }
}
