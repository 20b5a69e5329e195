package dev.ringzero.cpu.vmx;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.level.Intercept;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.x86.instruction.Decoder;
import dev.ringzero.x86.instruction.Instruction;

/**
 * The VM-exit instruction-information field, and the address that goes with it.
 *
 * @spec Intel SDM Vol. 3C, "Information for VM Exits Due to Instruction Execution"
 */
final class InstructionInformation {
  private static final int ADDRESS_SIZE_SHIFT = 7;
  private static final int REGISTER_OPERAND = 1 << 10;
  private static final int OPERAND_SIZE_SHIFT = 11;
  private static final int SEGMENT_SHIFT = 15;
  private static final int INDEX_SHIFT = 18;
  private static final int NO_INDEX = 1 << 22;
  private static final int BASE_SHIFT = 23;
  private static final int NO_BASE = 1 << 27;
  private static final int SECOND_REGISTER_SHIFT = 28;

  private InstructionInformation() {}

  /** The linear address of a memory operand, without checks. */
  static long linear(Cpu cpu, Instruction i) {
    long offset = cpu.offset(i);
    if (cpu.codeSize != 64) {
      return cpu.segmentBase[i.segment] + offset & 0xFFFF_FFFFL;
    }
    return i.segment >= Cpu.FS ? cpu.segmentBase[i.segment] + offset : offset;
  }

  /** Length of the instruction at the guest's RIP, 0 where it cannot be read. */
  static int length(Cpu cpu) {
    byte[] bytes = new byte[Decoder.MAX_LENGTH];
    long start = cpu.codeSize == 64 ? cpu.rip : cpu.segmentBase[Cpu.CS] + cpu.rip & 0xFFFF_FFFFL;
    int available = 0;
    while (available < bytes.length) {
      long hpa = cpu.mmu.peekMachine(start + available);
      if (hpa < 0) {
        break;
      }
      bytes[available++] = (byte) MachineMemory.read8(hpa);
    }
    Instruction instruction = new Instruction();
    return Math.max(0, new Decoder().decode(bytes, 0, available, cpu.codeSize, instruction));
  }

  /** The displacement of a memory operand; RIP-relative: the address. */
  static long displacement(Cpu cpu, Instruction i) {
    return i.base == Instruction.RIP ? cpu.nextRip + i.displacement : i.displacement;
  }

  /** Address size, segment, base and index of a memory operand. */
  static int memory(Instruction i) {
    int information = i.scale | addressSize(i) | i.segment << SEGMENT_SHIFT;
    boolean indexed = i.index < 16;
    information |= indexed ? i.index << INDEX_SHIFT : NO_INDEX;
    boolean based = i.base < 16;
    return information | (based ? i.base << BASE_SHIFT : NO_BASE);
  }

  private static int addressSize(Instruction i) {
    return switch (i.addressSize) {
      case 16 -> 0;
      case 32 -> 1 << ADDRESS_SIZE_SHIFT;
      default -> 2 << ADDRESS_SIZE_SHIFT;
    };
  }

  /** As {@link #memory}, or the register in its place, with the other register operand. */
  static int withRegister(Instruction i) {
    return operand(i) | i.reg << SECOND_REGISTER_SHIFT;
  }

  private static int operand(Instruction i) {
    return i.hasMemory() ? memory(i) : i.rm << 3 | REGISTER_OPERAND;
  }

  /** RDRAND and RDSEED: register and operand size. */
  static int random(Instruction i) {
    int size = i.operandSize == 16 ? 0 : i.operandSize == 32 ? 1 : 2;
    return i.rm << 3 | size << OPERAND_SIZE_SHIFT;
  }

  /** Instructions on descriptor-table registers. */
  static int descriptorTable(Cpu cpu, Intercept what, Instruction i) {
    int identity =
        switch (what) {
          case SGDT, SLDT -> 0;
          case SIDT, STR -> 1;
          case LGDT, LLDT -> 2;
          default -> 3;
        };
    boolean wide =
        i.operandSize != 16
            && (what == Intercept.SGDT
                || what == Intercept.SIDT
                || what == Intercept.LGDT
                || what == Intercept.LIDT);
    int size = wide && cpu.codeSize != 64 ? 1 << OPERAND_SIZE_SHIFT : 0;
    return operand(i) | size | identity << SECOND_REGISTER_SHIFT;
  }
}
