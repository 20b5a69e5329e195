package dev.ringzero.cpu.translator;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.ringzero.engine.Clock;
import dev.ringzero.engine.TranslatedBlock;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.x86.instruction.Decoder;
import dev.ringzero.x86.instruction.Instruction;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Translated code: pages by content and mode, in one piece of code memory. It holds no constant of
 * a machine or vCPU, and any number of them run it. When it is full its users go to another.
 *
 * <p>Code is only added while others may run it, and what is patched goes, four bytes at once, from
 * a safe way to a shorter one; the shorter one is taken back when no vCPU has the page any more
 * that it leads to.
 */
final class CodeStore {
  /** Position of no code. */
  static final int NONE = TranslatedPage.NONE;

  /** Position of the stubs: 0 means none. */
  static final int STUBS = 64;

  /** Of the positions of blocks that were kept: more than any alignment within them. */
  private static final int ALIGNMENT = 16;

  /** More than the code of any block. */
  private static final int LARGEST_BLOCK = 1 << 17;

  private static final int MOST_CONTENTS = 1 << 15;
  private static final int PAGE_BYTES = FramePool.FRAME_BYTES;

  private final CodeMemory memory;
  private final Assembler code;
  private final AccessSites sites = new AccessSites();
  private final BlockTranslator translator;
  private final Map<PageContent, PageContent> contents = new HashMap<>();
  private final byte[] bytes = new byte[PAGE_BYTES + Decoder.MAX_LENGTH];
  private final Decoder decoder = new Decoder();
  private final Instruction last = new Instruction();
  private final Set<String> features = HostFeatures.read();
  private final Ordinary ordinary = new Ordinary(features);
  private final BlockVerifier verifier;
  private final BlockRecords records = new BlockRecords();
  private boolean readsAhead;
  private int nextNumber;
  private volatile boolean full;

  final Stubs stubs;

  /** Blocks that an earlier process translated, if any. */
  private final Optional<TranslationArchive> archive;

  /** Where to note what is translated, or null. */
  private final TranslationProfile profile;

  /** A store with nothing but stubs. */
  CodeStore(long lengthBytes, boolean counted, boolean blockwise) {
    this(lengthBytes, counted, blockwise, Optional.empty());
  }

  /** A store that takes blocks from what earlier processes translated. */
  CodeStore(
      long lengthBytes, boolean counted, boolean blockwise, Optional<TranslationCache> cache) {
    memory = new CodeMemory(lengthBytes);
    code = new Assembler();
    code.begin(STUBS);
    stubs = new Stubs(code);
    int stubsEnd = code.position();
    memory.write(STUBS, code.written(), code.length());
    byte[] emitted = Arrays.copyOf(code.written(), code.length());
    archive = cache.flatMap(c -> c.open(features, counted, emitted));
    profile = cache.map(TranslationCache::profile).orElse(null);
    code.begin(stubsEnd);
    verifier = new BlockVerifier(stubs.entries(), stubs.jumps());
    translator =
        new BlockTranslator(
            code, stubs, sites, ordinary, new InstructionCount(code, counted), records, blockwise);
  }

  Ordinary ordinary() {
    return ordinary;
  }

  /** Sites of code that runs may be read by any thread. */
  AccessSites sites() {
    return sites;
  }

  long executable(int position) {
    return memory.executable(position);
  }

  /** Whether it takes no more code. */
  boolean isFull() {
    return full;
  }

  /** The page for what a protected frame holds, for one more user. */
  synchronized TranslatedPage page(long mfn, TranslationMode mode) {
    byte[] held = new byte[PAGE_BYTES];
    MachineMemory.read(mfn << FramePool.FRAME_SHIFT, held, 0, PAGE_BYTES);
    PageContent read = new PageContent(held);
    PageContent known = contents.putIfAbsent(read, read);
    PageContent content = known == null ? read : known;
    TranslatedPage page = content.page(mode);
    if (page == null) {
      page = new TranslatedPage(content, mode, nextNumber++);
      content.page(mode, page);
    }
    page.users++;
    full |= contents.size() > MOST_CONTENTS;
    return page;
  }

  /** A user of a page goes. With the last one go the ways to it. */
  synchronized void leave(TranslatedPage page) {
    page.users--;
    if (page.users == 0) {
      page.forEachLinked(site -> PageCrossing.unlink(memory, sites, site, stubs));
      page.content.page(page.mode, null);
      if (page.content.isUnused()) {
        contents.remove(page.content);
      }
    }
  }

  /** Whether the instruction at an offset of a page goes beyond its end. */
  synchronized boolean crosses(TranslatedPage page, int offset) {
    int left = PAGE_BYTES - offset;
    return left < Decoder.MAX_LENGTH
        && decoder.decode(page.content.bytes, offset, left, page.mode.codeSize(), last)
            == Decoder.NEEDS_MORE;
  }

  /**
   * Position of the block at a linear address, translated if need be; {@link #NONE} if it is full.
   */
  synchronized int block(TranslatedPage page, long rip, Clock clock, TranslatorCounters counters) {
    int offset = (int) rip & PAGE_BYTES - 1;
    if (page.indirect(offset) == NONE) {
      if (!hasRoom()) {
        return NONE;
      }
      long began = clock.nanoTime();
      long linear = rip - offset;
      ArchivedBlock kept = archive.map(a -> a.find(page, linear, offset)).orElse(null);
      if (kept == null || !load(kept, page, began, clock, counters)) {
        int guestBytes = translator.translate(page, page.content.bytes, offset);
        finish(page, guestBytes, began, clock, counters);
        if (profile != null) {
          profile.add(page, linear, offset);
        }
      }
    }
    return page.indirect(offset);
  }

  /** The next position at which a block that was kept may lie. */
  static int aligned(int position) {
    return position + ALIGNMENT - 1 & -ALIGNMENT;
  }

  /** Enters a block of the archive; false if it is refused, and with it the archive. */
  private boolean load(
      ArchivedBlock kept,
      TranslatedPage page,
      long began,
      Clock clock,
      TranslatorCounters counters) {
    ReadyBlock ready = archive.get().takeReady();
    long prepared = clock.nanoTime();
    if (ready == null) {
      ready = prepare(kept, archive.get());
      if (ready == null) {
        return false;
      }
    }
    int position = ready.position();
    int firstSite = ready.firstSite();
    records.append(page.number, kept.record(), position);
    kept.enter(page, position);
    kept.forEachJump(jump -> linkKept(firstSite + jump, page));
    counters.loaded++;
    count(counters, kept.guestBytes(), ready.hostBytes(), began, prepared, clock.nanoTime());
    if (!readsAhead && kept.linear() < 0) { // so it is known where the kernel lies
      readsAhead = true;
      ArchiveReader.start(archive.get(), this, archive.get().higher());
    }
    return true;
  }

  /** Gives a jump within a page its page, and leads it to its target where that is there. */
  private void linkKept(int site, TranslatedPage page) {
    sites.page(site, page.number);
    if (page.inner(sites.ripOffset(site), sites.flagsSaved(site), sites.backward(site)) != NONE) {
      chain(site, page);
    }
  }

  /** Puts a block of the archive where it may run; null if it is refused. */
  private ReadyBlock prepare(ArchivedBlock kept, TranslationArchive from) {
    try {
      int[] place = reserve(kept);
      byte[] loaded = kept.codeAt(place[0], place[1], kept.linear() < 0 ? from.higher() : 0);
      View view = TranslationMode.ALL[kept.mode()].view();
      verifier.verify(
          loaded, loaded.length, place[0], view, position -> kept.isEntry(position - place[0]));
      write(place[0], loaded);
      return new ReadyBlock(kept, place[0], loaded.length, place[1]);
    } catch (RuntimeException e) {
      from.refuse();
      return null;
    }
  }

  /**
   * Takes room for a block of the archive, and numbers for its sites.
   *
   * @return its position and number of its first site; nothing if there is no room
   */
  synchronized int[] reserve(ArchivedBlock kept) {
    if (!hasRoom()) {
      return new int[0];
    }
    int position = aligned(code.position());
    int firstSite = sites.count();
    kept.enterSites(sites, position);
    code.begin(position + kept.host().length);
    return new int[] {position, firstSite};
  }

  /** Writes code that was verified where room was {@link #reserve reserved} for it. */
  void write(int position, byte[] verified) {
    memory.write(position, verified, verified.length);
  }

  private static void count(
      TranslatorCounters counters,
      int guestBytes,
      int hostBytes,
      long began,
      long translated,
      long verified) {
    counters.guestBytes += guestBytes;
    counters.blocks++;
    counters.hostBytes += hostBytes;
    counters.nanos += verified - began;
    counters.verifyNanos += verified - translated;
  }

  /** As {@link #block}, for an instruction that ends in another page. */
  synchronized int crossing(
      TranslatedPage page,
      int offset,
      TranslatedPage behind,
      Clock clock,
      TranslatorCounters counters) {
    if (page.crossing(offset, behind) == NONE) {
      if (!hasRoom()) {
        return NONE;
      }
      System.arraycopy(page.content.bytes, 0, bytes, 0, PAGE_BYTES);
      System.arraycopy(behind.content.bytes, 0, bytes, PAGE_BYTES, Decoder.MAX_LENGTH);
      long began = clock.nanoTime();
      int guestBytes = translator.translateCrossing(page, bytes, offset, behind);
      finish(page, guestBytes, began, clock, counters);
    }
    return page.crossing(offset, behind);
  }

  private boolean hasRoom() {
    full |= memory.room(code.position()) < LARGEST_BLOCK;
    return !full;
  }

  /** Verifies a block that was emitted, puts it where it may run, and counts it. */
  private void finish(
      TranslatedPage page, int guestBytes, long began, Clock clock, TranslatorCounters counters) {
    long translated = clock.nanoTime();
    int length = code.length();
    int start = code.position() - length;
    verifier.verify(code.written(), length, start, page.mode.view(), page);
    memory.write(start, code.written(), length);
    code.begin(code.position());
    count(counters, guestBytes, length, began, translated, clock.nanoTime());
  }

  /** The guest instruction, as an offset in its page, of this host address; -1 if none. */
  synchronized int instructionAt(long hostAddress) {
    return records.instructionAt((int) (hostAddress - memory.executable(0)));
  }

  /** The blocks of a page that hold the instruction at an offset, for people. */
  synchronized List<TranslatedBlock> blocksAt(TranslatedPage page, int offset, long base) {
    return records.find(
        page, offset, base, page.content.bytes, at -> memory.writable().get(JAVA_BYTE, (long) at));
  }

  /** Lets the jump of a site within a page go to its target from now on, whose block is there. */
  synchronized void chain(int site, TranslatedPage page) {
    memory.patch(
        sites.position(site),
        page.inner(sites.ripOffset(site), sites.flagsSaved(site), sites.backward(site)));
  }

  /** Lets a jump from another page go to its target in this one from now on. */
  synchronized void link(int site, TranslatedPage page) {
    if (!PageCrossing.isLinked(memory, sites, site)) {
      PageCrossing.link(memory, sites, site, page, stubs);
    }
  }

  /** Lets a jump to another page look its target up from now on. */
  synchronized void lookUp(int site, TranslationMode mode) {
    PageCrossing.lookUp(memory, sites, site, mode, stubs);
  }
}
