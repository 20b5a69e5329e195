package dev.ringzero.cpu.integer;

import static dev.ringzero.cpu.Cpu.RAX;
import static dev.ringzero.cpu.Cpu.RDI;
import static dev.ringzero.cpu.Cpu.RSI;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Operands;
import dev.ringzero.cpu.system.Segmentation;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.instruction.Instruction;

/** Repeated MOVS and STOS by runs within a page, upwards in 64-bit mode. */
final class BulkStrings {
  private static final int PAGE = FramePool.FRAME_BYTES;
  private static final int LEAST_BYTES = 32;

  private BulkStrings() {}

  static long move(Cpu cpu, Instruction i, long count) {
    if (!applies(cpu, i)) {
      return 0;
    }
    int width = Operands.width(cpu, i, 0);
    long source = Strings.source(cpu, i, width);
    long destination = cpu.gpr[RDI];
    if (!Segmentation.canonical(destination)) {
      return 0; // the first source may fault before
    }
    long bytes = runBytes(width, count, Math.max(source & PAGE - 1, destination & PAGE - 1));
    if (bytes < LEAST_BYTES) {
      return 0;
    }
    long from = cpu.mmu.readableRun(source);
    long to = cpu.mmu.writableRun(destination);
    boolean readsOwnBytes = to > from && to < from + bytes;
    if (from < 0 || to < 0 || readsOwnBytes) {
      return 0;
    }
    MachineMemory.copy(from, to, bytes);
    cpu.gpr[RSI] += bytes;
    cpu.gpr[RDI] += bytes;
    return bytes / (width >> 3);
  }

  static long store(Cpu cpu, Instruction i, long count) {
    if (!applies(cpu, i)) {
      return 0;
    }
    int width = Operands.width(cpu, i, 0);
    long value = cpu.gpr[RAX] & 0xFF;
    long destination = Strings.destination(cpu, i, width, true);
    long bytes = runBytes(width, count, destination & PAGE - 1);
    if (bytes < LEAST_BYTES) {
      return 0;
    }
    long to = cpu.mmu.writableRun(destination);
    if (to < 0) {
      return 0;
    }
    if (repeatsByte(width, cpu.gpr[RAX])) {
      MachineMemory.fill(to, bytes, (int) value);
    } else {
      for (long at = to; at < to + bytes; at += width >> 3) {
        MachineMemory.write(at, width >> 3, cpu.gpr[RAX]);
      }
    }
    cpu.gpr[RDI] += bytes;
    return bytes / (width >> 3);
  }

  private static boolean applies(Cpu cpu, Instruction i) {
    return i.addressSize == 64 && (cpu.systemFlags & (Rflags.DF | Rflags.TF)) == 0;
  }

  /** Bytes of whole elements that fit between an offset in a page and the page's end. */
  private static long runBytes(int width, long count, long offset) {
    int size = width >> 3;
    long elements = (PAGE - offset) / size;
    return (Long.compareUnsigned(count, elements) < 0 ? count : elements) * size;
  }

  private static boolean repeatsByte(int width, long value) {
    long pattern = (value & 0xFF) * 0x0101_0101_0101_0101L;
    return (value ^ pattern) << -width == 0;
  }
}
