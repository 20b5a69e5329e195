package dev.ringzero.cpu.interpreter;

import dev.ringzero.memory.FrameMemory;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.FrameWatcher;
import dev.ringzero.memory.MachineMemory;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.LongConsumer;

/**
 * All decoded code of one guest-physical space, by machine frame. The processors of a machine share
 * it. A frame that is written loses its code at once.
 */
public final class CodeCache implements FrameWatcher {
  private static final int CHUNK_BITS = 9;
  private static final int CHUNK = 1 << CHUNK_BITS;

  private final FrameMemory memory;
  private final AtomicReferenceArray<AtomicReferenceArray<CodePage>> chunks;
  private final List<LongConsumer> keepers = new CopyOnWriteArrayList<>();

  public CodeCache(FrameMemory memory) {
    this.memory = memory;
    long frames = MachineMemory.sizeBytes() / FramePool.FRAME_BYTES;
    chunks = new AtomicReferenceArray<>(Math.toIntExact((frames >> CHUNK_BITS) + 1));
    memory.codeWatcher(this);
  }

  /**
   * Adds one who keeps code of frames, see {@link #protect}. It is told the number of a frame that
   * was written, on the writer's thread, after the protection ended.
   */
  public void addKeeper(LongConsumer keeper) {
    keepers.add(keeper);
  }

  /** Announces that code of a frame will be read and kept by those added. */
  public void protect(long mfn) {
    page(mfn);
  }

  /** Whether a frame holds code that somebody keeps, so that a write to it would drop that. */
  public boolean isProtected(long mfn) {
    return (memory.pool().flags(mfn) & FramePool.CODE) != 0;
  }

  /**
   * The code of a frame, none decoded yet if it is new. The frame is protected: what is written to
   * it from now on drops the page.
   */
  CodePage page(long mfn) {
    CodePage page = findOrCreate(mfn);
    memory.protectCode(mfn);
    return page;
  }

  private CodePage findOrCreate(long mfn) {
    int number = (int) (mfn >> CHUNK_BITS);
    if (chunks.get(number) == null) {
      chunks.compareAndSet(number, null, new AtomicReferenceArray<>(CHUNK));
    }
    AtomicReferenceArray<CodePage> chunk = chunks.get(number);
    int index = (int) mfn & CHUNK - 1;
    CodePage page = chunk.get(index);
    if (page == null) {
      chunk.compareAndSet(index, null, new CodePage(mfn));
      page = chunk.get(index);
    }
    return page != null ? page : findOrCreate(mfn);
  }

  @Override
  public void written(long mfn, int offset, int lengthBytes) {
    // Even if there is none, its protection must end: another machine's, that shared the frame.
    CodePage page = findOrCreate(mfn);
    page.drop(() -> memory.unprotectCode(mfn));
    chunks.get((int) (mfn >> CHUNK_BITS)).compareAndSet((int) mfn & CHUNK - 1, page, null);
    for (LongConsumer keeper : keepers) {
      keeper.accept(mfn);
    }
  }
}
