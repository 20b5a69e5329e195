package dev.ringzero.cpu.interpreter;

import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.x86.instruction.Attribute;
import dev.ringzero.x86.instruction.Decoder;
import dev.ringzero.x86.instruction.Instruction;
import java.util.Arrays;

/** Makes blocks from bytes of machine memory. */
final class BlockDecoder {
  private static final int PAGE = FramePool.FRAME_BYTES;
  private static final int MOST_OPS = 32;
  private static final Op[] NO_OPS = {};

  private final Decoder decoder = new Decoder();
  private final byte[] bytes = new byte[(MOST_OPS + 1) * Decoder.MAX_LENGTH];
  private final Op[] ops = new Op[MOST_OPS];

  /**
   * Decodes the block of this key.
   *
   * @param most most instructions to put into it
   * @return the block, or null if its first instruction goes on in the next page
   */
  Block decode(CodePage page, int key, int codeSize, int most) {
    int start = CodePage.offset(key);
    int available = Math.min(PAGE - start, bytes.length);
    MachineMemory.read((page.mfn << FramePool.FRAME_SHIFT) + start, bytes, 0, available);
    boolean fast = codeSize == 64 && most > 1;
    Site last = null;
    int count = 0;
    int at = 0;
    while (count < Math.min(most, MOST_OPS)) {
      Instruction instruction = new Instruction();
      int length = decoder.decode(bytes, at, available - at, codeSize, instruction);
      if (length <= 0) {
        return length == Decoder.NEEDS_MORE && count == 0
            ? null
            : block(page, key, count, undecodable(page, start + at, length, count), start + at);
      }
      Site site = new Site(page, start + at, instruction, null);
      at += length;
      if (endsBlock(instruction)) {
        BlockEnd fused = fast && count > 0 ? InstructionSelection.fused(last, instruction) : null;
        BlockEnd end = fused != null ? fused : InstructionSelection.end(site, fast);
        return block(page, key, fused != null ? count - 1 : count, end, start + at);
      }
      ops[count++] = InstructionSelection.op(site, fast);
      last = site;
    }
    return block(page, key, count, new FallThrough(page, start + at), start + at);
  }

  private Block block(CodePage page, int key, int count, BlockEnd end, int endOffset) {
    Op[] own = count == 0 ? NO_OPS : Arrays.copyOf(ops, count);
    return new Block(page, key, null, own, end, endOffset);
  }

  /**
   * What comes where decoding stopped: a fault, or if instructions are before it a block of its
   * own.
   */
  private static BlockEnd undecodable(CodePage page, int offset, int result, int count) {
    return count == 0
        ? new UndecodableEnd(offset, result == Decoder.TOO_LONG)
        : new FallThrough(page, offset);
  }

  /** Decodes the one instruction that begins in a page and ends in another. */
  Block decodeCrossing(CodePage page, int key, int codeSize, CodePage secondPage) {
    int start = CodePage.offset(key);
    int first = PAGE - start;
    MachineMemory.read((page.mfn << FramePool.FRAME_SHIFT) + start, bytes, 0, first);
    MachineMemory.read(secondPage.mfn << FramePool.FRAME_SHIFT, bytes, first, Decoder.MAX_LENGTH);
    Instruction instruction = new Instruction();
    int length = decoder.decode(bytes, 0, first + Decoder.MAX_LENGTH, codeSize, instruction);
    if (length <= 0) {
      return new Block(page, key, secondPage, NO_OPS, undecodable(page, start, length, 0), PAGE);
    }
    int endOffset = start + length;
    Site site = new Site(page, start, instruction, null);
    if (endsBlock(instruction)) {
      BlockEnd end = InstructionSelection.end(site, false);
      return new Block(page, key, secondPage, NO_OPS, end, endOffset);
    }
    Op[] one = {InstructionSelection.op(site, false)};
    return new Block(page, key, secondPage, one, new FallThrough(page, endOffset), endOffset);
  }

  private static boolean endsBlock(Instruction i) {
    return i.form.is(Attribute.BRANCH | Attribute.ENDS_BLOCK)
        || i.form.is(Attribute.STRING) && (i.rep || i.repne);
  }
}
