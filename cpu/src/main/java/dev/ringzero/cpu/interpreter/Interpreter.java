package dev.ringzero.cpu.interpreter;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.ExitSignal;
import dev.ringzero.cpu.GuestFault;
import dev.ringzero.memory.FramePool;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.instruction.Instruction;

/**
 * Runs decoded blocks. Direct branches remember where they led; others find their target in a cache
 * of blocks by address. What was remembered holds until a translation for execution may have
 * changed, or the bytes were written.
 */
public final class Interpreter implements Executor {
  private static final int WHOLE_BLOCK = Integer.MAX_VALUE;
  private static final int BLOCKS = 4096;
  private static final int SINGLES = 512;
  private static final long PAGE_MASK = FramePool.FRAME_BYTES - 1;

  private final Cpu cpu;
  private final CodeCache cache;
  private final BlockDecoder decoder = new BlockDecoder();
  private final PageCache pages = new PageCache();
  private final BlockCache blocks = new BlockCache(BLOCKS);
  private final BlockCache singles = new BlockCache(SINGLES);
  private final Context context = new Context();
  private int epoch = -1;
  private long instructions;
  private long blocksDecoded;

  public Interpreter(Cpu cpu, CodeCache cache) {
    this.cpu = cpu;
    this.cache = cache;
  }

  @Override
  public long interpreted() {
    return instructions;
  }

  @Override
  public long instructions() {
    return instructions;
  }

  @Override
  public long blocksDecoded() {
    return blocksDecoded;
  }

  @Override
  public void run() {
    runBlocks(find(false));
  }

  @Override
  public void step() {
    runOnce(find(true));
  }

  @Override
  public Instruction peek() {
    Block block = find(true);
    return switch (block.ops.length == 0 ? block.end : block.ops[0]) {
      case GenericOp op -> op.instruction;
      case GenericEnd end -> end.instruction;
      default -> null;
    };
  }

  /** Runs a block and those that follow, as long as nothing else needs attention. */
  private void runBlocks(Block first) {
    Block block = first;
    int n = 0;
    try {
      while (true) {
        Op[] ops = block.ops;
        for (n = 0; n < block.limit; n++) {
          ops[n].execute(cpu);
        }
        if (n != block.limit) {
          stopAt(block, n);
          return;
        }
        Block next = block.end.execute(cpu);
        instructions += block.instructions;
        block.executions++;
        if (next == null) {
          BlockEnd end = block.end;
          if (end.leavesRun || cpu.attention.raised()) {
            return;
          }
          block = null;
          block = findAfter(end);
        } else {
          block = next;
          if (cpu.attention.raised()) {
            cpu.rip = cpu.codeAddress(block.offset());
            return;
          }
        }
      }
    } catch (GuestFault | ExitSignal e) {
      if (block != null) {
        stopAt(block, n);
      }
      throw e;
    }
  }

  /** The block at {@link Cpu#rip}, where a block's end led that knew no more. */
  private Block findAfter(BlockEnd end) {
    long base = cpu.gpr[Cpu.CODE_BASE];
    long rip = cpu.rip;
    Block block = find(false);
    if (cpu.codeSize == 64) {
      end.ledTo(block, cpu.codeContext, base, rip);
    }
    return block;
  }

  private void runOnce(Block block) {
    int n = 0;
    try {
      for (; n < block.limit; n++) {
        block.ops[n].execute(cpu);
      }
      if (n != block.limit) {
        stopAt(block, n);
        return;
      }
      Block next = block.end.execute(cpu);
      instructions += block.instructions;
      if (next != null) {
        cpu.rip = cpu.codeAddress(next.offset());
      }
    } catch (GuestFault | ExitSignal e) {
      stopAt(block, n);
      throw e;
    }
  }

  /** The block did not run further than to its instruction number {@code n}. */
  private void stopAt(Block block, int n) {
    instructions += n;
    cpu.rip = cpu.codeAddress(block.offset(n));
  }

  /** The block at {@link Cpu#rip}; faults or exits if nothing can be executed there. */
  private Block find(boolean single) {
    selectContext();
    if (cpu.codeSize != 64) {
      return findSlowly(single);
    }
    BlockCache known = single ? singles : blocks;
    Block block = known.find(cpu.rip, cpu.codeContext);
    if (block != null) {
      cpu.gpr[Cpu.CODE_BASE] = cpu.rip - block.offset();
      return block;
    }
    block = findSlowly(single);
    if (block.secondPage == null) {
      known.put(cpu.rip, cpu.codeContext, block);
    }
    return block;
  }

  private void selectContext() {
    cpu.mmu.poll();
    if (cpu.mmu.fetchEpoch() != epoch) {
      epoch = cpu.mmu.fetchEpoch();
      pages.clear();
      context.renew();
    }
    context.select(cpu.mmu.wholeContext(), cpu.cpl, cpu.codeSize);
    cpu.codeContext = context.number();
  }

  private Block findSlowly(boolean single) {
    long linear = linear();
    int offset = (int) (linear & PAGE_MASK);
    cpu.gpr[Cpu.CODE_BASE] = cpu.rip - offset;
    int key = CodePage.key(offset, cpu.codeSize, single);
    CodePage page = pages.find(linear, cpu.codeContext);
    if (page == null) {
      page = cache.page(cpu.mmu.fetch(linear) >>> FramePool.FRAME_SHIFT);
      pages.put(linear, cpu.codeContext, page);
    }
    Block block = page.find(key);
    if (block == null || block.dropped() || !endsWhereItDid(block, linear)) {
      block = decode(page.mfn, key, linear, single);
    }
    return endsBeyondSegment(block) ? findWithinSegment(single) : block;
  }

  private boolean endsBeyondSegment(Block block) {
    long last = cpu.rip + block.endOffset - block.offset() - 1;
    return cpu.codeSize != 64 && last > cpu.segmentLimit[Cpu.CS];
  }

  /** One instruction at a time, up to the segment's end; #GP(0) for the one that crosses it. */
  private Block findWithinSegment(boolean single) {
    if (single) {
      throw cpu.fault(Vector.GP, 0);
    }
    return findSlowly(true);
  }

  /** Linear address of the next instruction, checked. */
  private long linear() {
    long rip = cpu.rip;
    if (cpu.codeSize == 64) {
      if (rip << 16 >> 16 != rip) {
        throw cpu.fault(Vector.GP, 0);
      }
      return rip;
    }
    if (Long.compareUnsigned(rip, cpu.segmentLimit[Cpu.CS]) > 0) {
      throw cpu.fault(Vector.GP, 0);
    }
    return cpu.segmentBase[Cpu.CS] + rip & 0xFFFF_FFFFL;
  }

  /** Whether the page after that of a block is still the one where its last instruction ends. */
  private boolean endsWhereItDid(Block block, long linear) {
    return block.secondPage == null
        || cpu.mmu.fetch(nextPage(linear)) >>> FramePool.FRAME_SHIFT == block.secondPage.mfn;
  }

  private long nextPage(long linear) {
    long next = (linear | PAGE_MASK) + 1;
    return cpu.codeSize == 64 ? next : next & 0xFFFF_FFFFL;
  }

  private Block decode(long mfn, int key, long linear, boolean single) {
    blocksDecoded++;
    while (true) {
      CodePage page = cache.page(mfn);
      pages.put(linear, cpu.codeContext, page);
      Block block = decoder.decode(page, key, cpu.codeSize, single ? 1 : WHOLE_BLOCK);
      if (block == null) {
        CodePage second = cache.page(cpu.mmu.fetch(nextPage(linear)) >>> FramePool.FRAME_SHIFT);
        block = decoder.decodeCrossing(page, key, cpu.codeSize, second);
      }
      if (page.add(block) && (block.secondPage == null || block.secondPage.reachedBy(block))) {
        return block;
      }
    }
  }
}
