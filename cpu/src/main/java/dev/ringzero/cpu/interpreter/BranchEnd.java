package dev.ringzero.cpu.interpreter;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.memory.FramePool;

/**
 * A near branch in 64-bit mode. Its targets are remembered: those in the same page as long as the
 * page is not dropped, others by a {@link Link}.
 */
abstract class BranchEnd extends BlockEnd {
  private final CodePage page;
  private final long takenOffset;
  final int nextOffset;

  // Blocks of the same page: it is dropped as a whole.
  private Block takenInPage;
  private Block nextInPage;

  // What is in other pages.
  private Link taken;
  private Link next;

  BranchEnd(Site site) {
    this(site, site.instruction().immediate);
  }

  BranchEnd(Site site, long immediate) {
    super(site.offset(), site.instruction(), immediate);
    page = site.page();
    takenOffset = site.targetOffset();
    nextOffset = site.nextOffset();
  }

  /** The end of a block that goes on at an offset without a branch. */
  BranchEnd(CodePage page, int offset) {
    super(offset, false);
    this.page = page;
    takenOffset = offset;
    nextOffset = offset;
  }

  /** Goes to the target of the branch. */
  final Block taken(Cpu cpu) {
    Block block = takenInPage;
    return block != null ? block : follow(cpu, taken, takenOffset);
  }

  /** Goes to the instruction behind the branch. */
  final Block next(Cpu cpu) {
    Block block = nextInPage;
    return block != null ? block : follow(cpu, next, nextOffset);
  }

  private static Block follow(Cpu cpu, Link link, long target) {
    long base = cpu.gpr[Cpu.CODE_BASE];
    if (link != null && link.context() == cpu.codeContext && link.base() == base) {
      Block block = link.block();
      if (!block.dropped()) {
        cpu.gpr[Cpu.CODE_BASE] = base + target - block.offset();
        return block;
      }
    }
    cpu.rip = cpu.codeAddress(target);
    return null;
  }

  @Override
  void ledTo(Block block, long context, long base, long rip) {
    if (block.secondPage != null) {
      return;
    }
    boolean inPage = block.page == page && rip - base >>> FramePool.FRAME_SHIFT == 0;
    if (rip == base + takenOffset) {
      takenInPage = inPage ? block : null;
      taken = inPage ? null : new Link(context, base, block);
    } else if (rip == base + nextOffset) {
      nextInPage = inPage ? block : null;
      next = inPage ? null : new Link(context, base, block);
    }
  }
}
