package dev.ringzero.cpu.vector;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.GuestFault;
import dev.ringzero.cpu.SemanticsTable;
import dev.ringzero.memory.FrameMemory;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.RamRange;
import dev.ringzero.testkit.PageTables;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.Efer;
import dev.ringzero.x86.PageEntry;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.instruction.Decoder;
import dev.ringzero.x86.instruction.Instruction;
import java.util.HexFormat;
import java.util.List;

/** A processor in 64-bit user mode with one page of memory, on which single instructions run. */
final class VectorFixture implements AutoCloseable {
  /** The page; the ones around it are not mapped. */
  static final long DATA = 0x40_0000;

  private static final long DATA_GPA = 0x2_0000;
  private static final long CODE = 0x1000;

  final FrameMemory memory = new FrameMemory(FramePool.host(), List.of(new RamRange(0, 0x10_0000)));
  final Cpu cpu = new Cpu();

  VectorFixture() {
    PageTables tables = new PageTables(memory, PageTables.Format.FOUR_LEVEL, 0x1_0000);
    tables.map(DATA, DATA_GPA, PageEntry.RW | PageEntry.US);
    memory.write64(DATA_GPA, 0);
    cpu.mmu.attach(memory);
    cpu.cr0 = Cr0.PE | Cr0.PG | Cr0.NE | Cr0.ET | Cr0.MP;
    cpu.cr3 = tables.root();
    cpu.cr4 = Cr4.PAE | Cr4.OSFXSR | Cr4.OSXMMEXCPT | Cr4.OSXSAVE;
    cpu.efer = Efer.LME | Efer.LMA;
    cpu.xcr0 = 7;
    cpu.codeSize = 64;
    cpu.cpl = 3;
    cpu.gpr[Cpu.RBX] = DATA;
    cpu.mmu.modeChanged();
    cpu.mmu.rootChanged(true);
    cpu.mmu.enter();
  }

  @Override
  public void close() {
    cpu.mmu.leave();
    memory.close();
  }

  /** Runs instructions, each given by its bytes in hexadecimal. */
  VectorFixture run(String... instructions) {
    for (String hex : instructions) {
      Instruction i = Decoder.decode(HexFormat.of().parseHex(hex.replace(" ", "")), 64);
      if (i == null) {
        throw cpu.invalidOpcode();
      }
      cpu.rip = CODE;
      cpu.nextRip = CODE + i.length;
      cpu.gpr[Instruction.RIP] = cpu.nextRip;
      SemanticsTable.of(i.form).execute(cpu, i);
    }
    return this;
  }

  /** What comes of an instruction: "" or the exception, such as "#GP(0)". */
  String outcome(String hex) {
    try {
      run(hex);
      return "";
    } catch (GuestFault fault) {
      String name =
          switch (fault.vector) {
            case Vector.UD -> "#UD";
            case Vector.NM -> "#NM";
            case Vector.SS -> "#SS";
            case Vector.GP -> "#GP";
            case Vector.PF -> "#PF";
            case Vector.XM -> "#XM";
            default -> "#" + fault.vector;
          };
      return name + (fault.hasErrorCode ? "(" + fault.errorCode + ")" : "");
    }
  }

  /** Sets all 256 bits of a register, its quadwords from the uppermost. */
  VectorFixture ymm(int n, long q3, long q2, long q1, long q0) {
    cpu.vector[4 * n] = q0;
    cpu.vector[4 * n + 1] = q1;
    cpu.vector[4 * n + 2] = q2;
    cpu.vector[4 * n + 3] = q3;
    return this;
  }

  /** Sets the low 128 bits, 32 hexadecimal digits from the uppermost. */
  VectorFixture xmm(int n, String hex) {
    cpu.vector[4 * n + 1] = Long.parseUnsignedLong(hex.substring(0, 16), 16);
    cpu.vector[4 * n] = Long.parseUnsignedLong(hex.substring(16), 16);
    return this;
  }

  String xmm(int n) {
    return "%016x%016x".formatted(cpu.vector[4 * n + 1], cpu.vector[4 * n]);
  }

  String ymm(int n) {
    return "%016x%016x".formatted(cpu.vector[4 * n + 3], cpu.vector[4 * n + 2]) + xmm(n);
  }

  VectorFixture doubles(int n, double high, double low) {
    cpu.vector[4 * n] = Double.doubleToRawLongBits(low);
    cpu.vector[4 * n + 1] = Double.doubleToRawLongBits(high);
    return this;
  }

  double lowDouble(int n) {
    return Double.longBitsToDouble(cpu.vector[4 * n]);
  }

  VectorFixture singles(int n, float f3, float f2, float f1, float f0) {
    cpu.vector[4 * n] = pair(f1, f0);
    cpu.vector[4 * n + 1] = pair(f3, f2);
    return this;
  }

  private static long pair(float high, float low) {
    return (long) Float.floatToRawIntBits(high) << 32 | Float.floatToRawIntBits(low) & 0xFFFF_FFFFL;
  }

  VectorFixture quadword(int offset, long value) {
    memory.write64(DATA_GPA + offset, value);
    return this;
  }

  long quadword(int offset) {
    return memory.read64(DATA_GPA + offset);
  }
}
