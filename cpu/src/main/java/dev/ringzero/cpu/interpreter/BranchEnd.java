package dev.ringzero.cpu.interpreter;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.memory.FramePool;

/** A near branch in 64-bit mode. What is in the same page is linked once it was decoded. */
abstract class BranchEnd extends BlockEnd {
  private final CodePage page;
  private final int key;
  private final long takenOffset;
  final int nextOffset;

  // Blocks of the same page, as long as neither was dropped: the page is dropped as a whole.
  private Block taken;
  private Block next;

  BranchEnd(Site site) {
    super(site.offset(), site.instruction());
    page = site.page();
    key = site.key();
    takenOffset = site.targetOffset();
    nextOffset = site.nextOffset();
  }

  /** Goes to the target of the branch. */
  final Block taken(Cpu cpu) {
    Block block = taken;
    if (block == null) {
      block = inPage(cpu, takenOffset);
      taken = block;
    }
    return block;
  }

  /** Goes to the instruction behind the branch. */
  final Block next(Cpu cpu) {
    Block block = next;
    if (block == null) {
      block = inPage(cpu, nextOffset);
      next = block;
    }
    return block;
  }

  /** Goes to a computed target. */
  final Block to(Cpu cpu, long target) {
    return inPage(cpu, target - cpu.gpr[Cpu.CODE_BASE]);
  }

  private Block inPage(Cpu cpu, long target) {
    if (target >>> FramePool.FRAME_SHIFT == 0) {
      Block block = page.find(CodePage.sibling(key, (int) target));
      if (block != null && block.secondPage == null) {
        return block;
      }
    }
    cpu.rip = cpu.gpr[Cpu.CODE_BASE] + target;
    return null;
  }
}
