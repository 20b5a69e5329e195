package dev.ringzero.cpu.translator;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.ringzero.cpu.interpreter.CodeCache;
import dev.ringzero.engine.Clock;
import dev.ringzero.engine.TranslatedBlock;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.x86.instruction.Decoder;
import dev.ringzero.x86.instruction.Instruction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The translated code of one vCPU: pages by machine frame and mode, in one piece of code memory.
 * When that is full, all of it goes and translation begins anew.
 */
final class CodeStore {
  /** More than the code of any block. */
  private static final int LARGEST_BLOCK = 1 << 17;

  private static final int PAGE_BYTES = FramePool.FRAME_BYTES;

  private final CodeCache cache;
  private final CodeMemory memory;
  private final Assembler code;
  private final AccessSites sites = new AccessSites();
  private final BlockTranslator translator;
  private final int stubsEnd;
  private final Map<Long, TranslatedPage> pages = new HashMap<>();
  private final List<TranslatedPage> numbered = new ArrayList<>();
  private final byte[] bytes = new byte[PAGE_BYTES + Decoder.MAX_LENGTH];
  private final Decoder decoder = new Decoder();
  private final Instruction last = new Instruction();
  private final Ordinary ordinary = new Ordinary(HostFeatures.read());
  private final BlockVerifier verifier;
  private final BlockRecords records = new BlockRecords();
  private final TranslatorCounters counters;
  private final Clock clock;

  final Stubs stubs;
  private int generation;
  private volatile boolean trims;

  CodeStore(
      CodeCache cache,
      long lengthBytes,
      Clock clock,
      TranslatorCounters counters,
      boolean counted,
      boolean blockwise) {
    this.cache = cache;
    this.clock = clock;
    this.counters = counters;
    memory = new CodeMemory(lengthBytes);
    code = new Assembler();
    code.begin(64); // position 0 means none
    stubs = new Stubs(code);
    stubsEnd = code.position();
    memory.write(64, code.written(), code.length());
    code.begin(stubsEnd);
    verifier = new BlockVerifier(stubs.entries(), stubs.jumps());
    translator =
        new BlockTranslator(
            code, stubs, sites, ordinary, new InstructionCount(code, counted), records, blockwise);
  }

  Ordinary ordinary() {
    return ordinary;
  }

  AccessSites sites() {
    return sites;
  }

  long executable(int position) {
    return memory.executable(position);
  }

  /**
   * Grows when all code was dropped: positions, sites and pages of before mean nothing any more.
   */
  int generation() {
    return generation;
  }

  /** Bytes of code memory in use. */
  long usedBytes() {
    return code.position();
  }

  /** The page of this number, of the present generation. */
  TranslatedPage numbered(int number) {
    return numbered.get(number);
  }

  /** The page of a frame, new if need be: its frame is protected then. */
  TranslatedPage page(long mfn, TranslationMode mode) {
    long key = key(mfn, mode.number());
    TranslatedPage page = pages.get(key);
    if (page == null) {
      cache.protect(mfn);
      page = new TranslatedPage(mfn, mode, numbered.size());
      pages.put(key, page);
      numbered.add(page);
    }
    return page;
  }

  private static long key(long mfn, int mode) {
    return mfn * TranslationMode.COUNT + mode;
  }

  /** Whether the instruction at an offset of a frame goes beyond its end. */
  boolean crosses(long mfn, int offset) {
    int left = PAGE_BYTES - offset;
    if (left >= Decoder.MAX_LENGTH) {
      return false;
    }
    MachineMemory.read((mfn << FramePool.FRAME_SHIFT) + offset, bytes, offset, left);
    return decoder.decode(bytes, offset, left, 64, last) == Decoder.NEEDS_MORE;
  }

  /**
   * Whether the block of an instruction that ends in another page is there now, see {@link
   * #translate}.
   */
  boolean translateCrossing(TranslatedPage page, int offset, TranslatedPage behind) {
    if (trims || memory.room(code.position()) < LARGEST_BLOCK) {
      clear();
      return false;
    }
    MachineMemory.read(page.mfn << FramePool.FRAME_SHIFT, bytes, 0, PAGE_BYTES);
    long next = behind.mfn << FramePool.FRAME_SHIFT;
    MachineMemory.read(next, bytes, PAGE_BYTES, Decoder.MAX_LENGTH);
    long began = clock.nanoTime();
    finish(page, translator.translateCrossing(page, bytes, offset, behind), began);
    return true;
  }

  /** Whether the block at an offset is there now; it may be that all others were dropped for it. */
  boolean translate(TranslatedPage page, int offset) {
    if (trims || memory.room(code.position()) < LARGEST_BLOCK) {
      clear();
      return false;
    }
    long began = clock.nanoTime();
    MachineMemory.read(page.mfn << FramePool.FRAME_SHIFT, bytes, 0, PAGE_BYTES);
    finish(page, translator.translate(page, bytes, offset), began);
    return true;
  }

  /** Verifies a block that was emitted, puts it where it may run, and counts it. */
  private void finish(TranslatedPage page, int guestBytes, long began) {
    long translated = clock.nanoTime();
    int length = code.length();
    int start = code.position() - length;
    verifier.verify(code.written(), length, start, page.mode.view(), page);
    memory.write(start, code.written(), length);
    code.begin(code.position());
    long verified = clock.nanoTime();
    counters.guestBytes += guestBytes;
    counters.blocks++;
    counters.hostBytes += length;
    counters.nanos += verified - began;
    counters.verifyNanos += verified - translated;
  }

  /** The guest instruction, as an offset in its page, of this host address; -1 if none. */
  int instructionAt(long hostAddress) {
    return records.instructionAt((int) (hostAddress - memory.executable(0)));
  }

  /** The blocks that hold the instruction at an offset of a frame, for people. */
  List<TranslatedBlock> blocksAt(long mfn, int offset, long base) {
    byte[] guest = new byte[PAGE_BYTES];
    MachineMemory.read(mfn << FramePool.FRAME_SHIFT, guest, 0, PAGE_BYTES);
    List<TranslatedBlock> found = new ArrayList<>();
    for (int mode = 0; mode < TranslationMode.COUNT; mode++) {
      TranslatedPage page = pages.get(key(mfn, mode));
      if (page != null) {
        found.addAll(
            records.find(
                page, offset, base, guest, at -> memory.writable().get(JAVA_BYTE, (long) at)));
      }
    }
    return found;
  }

  /** Lets a jump go to a position from now on. */
  void patch(int at, int target) {
    memory.patch(at, target);
  }

  /** Lets a jump from another page go to its target in this one from now on. */
  void link(int site, TranslatedPage page) {
    PageCrossing.link(memory, sites, site, page, stubs);
  }

  /** Lets a jump to another page look its target up from now on. */
  void lookUp(int site, TranslationMode mode) {
    PageCrossing.lookUp(memory, sites, site, mode, stubs);
  }

  /** Drops the code of a frame, and the ways to it. */
  void drop(long mfn, JumpCache jumps) {
    for (int mode = 0; mode < TranslationMode.COUNT; mode++) {
      TranslatedPage page = pages.remove(key(mfn, mode));
      if (page != null) {
        counters.pagesDropped++;
        page.forEachLinked(site -> PageCrossing.unlink(memory, sites, site, stubs));
        if (!page.forEachEntered(jumps::drop)) {
          jumps.clear();
        }
      }
    }
  }

  /** Drops all code before the next block is translated. Any thread. */
  void trim() {
    trims = true;
  }

  private void clear() {
    if (trims) {
      trims = false;
      memory.discard(stubsEnd);
    }
    generation++;
    counters.evictions++;
    records.clear();
    pages.clear();
    numbered.clear();
    sites.clear();
    code.begin(stubsEnd);
  }
}
