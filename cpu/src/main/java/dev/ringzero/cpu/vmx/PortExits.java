package dev.ringzero.cpu.vmx;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.level.Intercept;
import dev.ringzero.cpu.system.PortPermission;
import dev.ringzero.cpu.system.SystemOperands;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.instruction.Instruction;
import dev.ringzero.x86.instruction.Operand;
import dev.ringzero.x86.vmx.ProcessorControls;
import dev.ringzero.x86.vmx.VmcsField;

/**
 * A guest's accesses to ports.
 *
 * @spec Intel SDM Vol. 3C, "I/O-Bitmap Addresses"; "Exit Qualification for I/O Instructions"
 */
final class PortExits {
  private static final long IN = 1L << 3;
  private static final long STRING = 1L << 4;
  private static final long REP = 1L << 5;
  private static final long IMMEDIATE = 1L << 6;
  private static final int PORT_SHIFT = 16;
  private static final int HALF = 0x8000; // ports of each bitmap

  private final Cpu cpu;
  private final VmxLevel level;

  PortExits(Cpu cpu, VmxLevel level) {
    this.cpu = cpu;
    this.level = level;
  }

  void intercept(Intercept what, Instruction i) {
    boolean input = what == Intercept.IN || what == Intercept.INS;
    boolean string = what == Intercept.INS || what == Intercept.OUTS;
    Operand data = i.operand(input ? 0 : 1);
    Operand address = i.operand(input ? 1 : 0);
    boolean immediate = address.place() == Operand.Place.IMMEDIATE;
    int port = (int) (immediate ? i.immediate & 0xFF : cpu.gpr[Cpu.RDX] & 0xFFFF);
    int bytes = data.size() == Operand.Size.BYTE ? 1 : i.operandSize == 16 ? 2 : 4;
    boolean repeated = string && (i.rep || i.repne);
    if (repeated && SystemOperands.truncate(cpu.gpr[Cpu.RCX], i.addressSize) == 0) {
      return;
    }
    PortPermission.check(cpu, port, bytes);
    if (!exits(port, bytes)) {
      return;
    }
    long qualification =
        bytes - 1
            | (input ? IN : 0)
            | (string ? STRING : 0)
            | (repeated ? REP : 0)
            | (immediate ? IMMEDIATE : 0)
            | (long) port << PORT_SHIFT;
    level.exits.exit(ExitReason.IO_INSTRUCTION, qualification, i.length);
    if (string) {
      describe(input, i);
    }
    throw cpu.leaveLevel();
  }

  private void describe(boolean input, Instruction i) {
    int segment = input ? Cpu.ES : i.segment;
    long offset = cpu.gpr[input ? Cpu.RDI : Cpu.RSI];
    long base = cpu.codeSize != 64 || segment >= Cpu.FS ? cpu.segmentBase[segment] : 0;
    long linear = base + SystemOperands.truncate(offset, i.addressSize);
    level.exits.linear = cpu.codeSize == 64 ? linear : linear & 0xFFFF_FFFFL;
    int addressSize = i.addressSize == 16 ? 0 : i.addressSize == 32 ? 1 : 2;
    level.exits.instructionInformation = addressSize << 7 | segment << 15;
  }

  private boolean exits(int port, int bytes) {
    if (!level.processor(ProcessorControls.IO_BITMAPS)) {
      return level.processor(ProcessorControls.UNCONDITIONAL_IO_EXITING);
    }
    if (port + bytes > 0x10000) {
      return true;
    }
    for (int at = port; at < port + bytes; at++) {
      int field = at < HALF ? VmcsField.IO_BITMAP_A : VmcsField.IO_BITMAP_B;
      long page = level.vmx.vmcs.get(field);
      long bits = level.vmx.memory().read8(page + (at & HALF - 1) / 8);
      if ((bits >>> (at & 7) & 1) != 0) {
        return true;
      }
    }
    return false;
  }
}
