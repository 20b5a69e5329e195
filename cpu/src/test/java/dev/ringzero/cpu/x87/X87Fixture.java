package dev.ringzero.cpu.x87;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.GuestFault;
import dev.ringzero.cpu.SemanticsTable;
import dev.ringzero.memory.FrameMemory;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.RamRange;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.instruction.Decoder;
import dev.ringzero.x86.instruction.Instruction;
import java.util.HexFormat;
import java.util.List;

/** A processor without paging, with flat segments, on which single instructions run. */
final class X87Fixture implements AutoCloseable {
  /** Where EBX points. */
  static final long DATA = 0x4000;

  static final long CODE = 0x1000;

  final FrameMemory memory = new FrameMemory(FramePool.host(), List.of(new RamRange(0, 0x10_0000)));
  final Cpu cpu = new Cpu();
  final X87 x87 = cpu.x87;
  private final int mode;

  /** In protected mode with 32-bit code, or in real mode with 16. */
  X87Fixture(int mode) {
    this.mode = mode;
    memory.write64(DATA, 0); // gives the page a frame
    cpu.mmu.attach(memory);
    cpu.cr0 = Cr0.NE | Cr0.ET | Cr0.MP | (mode == 16 ? 0 : Cr0.PE);
    cpu.cr4 = Cr4.OSFXSR | Cr4.OSXMMEXCPT | Cr4.OSXSAVE;
    cpu.xcr0 = 7;
    cpu.codeSize = mode;
    for (int segment = 0; segment < 6; segment++) {
      cpu.segmentLimit[segment] = mode == 16 ? 0xFFFF : 0xFFFF_FFFFL;
      cpu.segmentAccess[segment] = 0x93;
    }
    cpu.gpr[Cpu.RBX] = DATA;
    cpu.mmu.modeChanged();
    cpu.mmu.enter();
  }

  @Override
  public void close() {
    cpu.mmu.leave();
    memory.close();
  }

  /** Runs instructions, each given by its bytes in hexadecimal. */
  X87Fixture run(String... instructions) {
    for (String hex : instructions) {
      Instruction i = Decoder.decode(HexFormat.of().parseHex(hex.replace(" ", "")), mode);
      cpu.rip = CODE;
      cpu.nextRip = CODE + i.length;
      SemanticsTable.of(i.form).execute(cpu, i);
    }
    return this;
  }

  /** The vector of the exception that an instruction raises, or -1. */
  int exception(String hex) {
    try {
      run(hex);
      return -1;
    } catch (GuestFault fault) {
      return fault.vector;
    }
  }

  /** Puts a value on the stack. */
  X87Fixture push(double value) {
    memory.write64(DATA, Double.doubleToRawLongBits(value));
    return run(mode == 16 ? "DD 07" : "DD 03"); // FLD m64
  }

  /** ST(0) as a double, without changing anything. */
  double top() {
    Result r = new Result();
    r.start(0x37F);
    int top = x87.top;
    return Double.longBitsToDouble(
        Conversion.toDouble(r, x87.signExponent[top], x87.significand[top]));
  }
}
