package dev.ringzero.cpu.translator;

import dev.ringzero.cpu.translator.ArchivedBlock.Shift;
import dev.ringzero.x86.instruction.Instruction;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Finds out what of a block's code depends on where it and the guest's kernel lie, by translating
 * it twice: at two positions, with other numbers of sites and pages, and from a page as it would be
 * if the kernel lay elsewhere. Whatever differs must differ by one of these distances; a block of
 * which that is not true is not kept.
 */
final class BlockArchiver {
  /** No two of them differ by a whole number of bytes, so that a difference tells which it is. */
  private static final int HIGHER = 0x60_0000;

  private static final int FURTHER = 0x1_2340;
  private static final int MORE_SITES = 0x339;
  private static final int OTHER_PAGE = 0x5551;

  /**
   * Where Linux puts its kernel: the low halves of these addresses, as 32-bit operands have them.
   */
  private static final long KERNEL_BEGIN = 0xFFFF_FFFF_8100_0000L;

  private static final long KERNEL_END = 0xFFFF_FFFF_C000_0000L;
  private static final int GS = 5;

  private final Emitter here;
  private final Emitter there;

  /** Bytes of the page that were read, and the dwords in them that move with the kernel. */
  private final BitSet read = new BitSet();

  private final Map<Integer, Integer> moving = new TreeMap<>();

  /** What translates one block after another, each at the same position. */
  private static final class Emitter {
    final Assembler code = new Assembler();
    final AccessSites sites = new AccessSites();
    final BlockRecords records = new BlockRecords();
    final BlockTranslator translator;
    final int position;
    final int pageNumber;

    TranslatedPage page;
    int firstSite;
    int guestBytes;
    byte[] emitted;
    int[] record;

    Emitter(Ordinary ordinary, boolean counted, int further, int pageNumber) {
      code.begin(CodeStore.STUBS);
      Stubs stubs = new Stubs(code);
      position = CodeStore.aligned(code.position()) + further;
      this.pageNumber = pageNumber;
      InstructionCount count = new InstructionCount(code, counted);
      translator = new BlockTranslator(code, stubs, sites, ordinary, count, records, false);
    }

    /** Lets sites be numbered from here on at the earliest. */
    void skipTo(int site) {
      while (sites.count() < site) {
        sites.append(0, 0, 0, 0);
      }
    }

    void translate(byte[] bytes, TranslationMode mode, int offset) {
      page = new TranslatedPage(new PageContent(bytes), mode, pageNumber);
      firstSite = sites.count();
      int recorded = records.used();
      code.begin(position);
      guestBytes = translator.translate(page, bytes, offset);
      emitted = Arrays.copyOf(code.written(), code.length());
      record = records.since(recorded);
    }

    int entry(int number, int offset) {
      return switch (number) {
        case 0 -> page.inner(offset, false, true);
        case 1 -> page.inner(offset, false, false);
        case 2 -> page.inner(offset, true, true);
        case 3 -> page.inner(offset, true, false);
        default -> page.indirect(offset);
      };
    }
  }

  BlockArchiver(Ordinary ordinary, boolean counted) {
    here = new Emitter(ordinary, counted, 0, 0);
    there = new Emitter(ordinary, counted, FURTHER, OTHER_PAGE);
  }

  /** The block at an offset of a page; empty if it cannot be moved. */
  Optional<ArchivedBlock> archive(byte[] page, TranslationMode mode, long linear, int offset) {
    boolean ofKernel = linear >= KERNEL_BEGIN && linear < KERNEL_END;
    read.clear();
    moving.clear();
    here.translator.watcher((at, length, instruction) -> {
      read.set(at, at + length);
      if (ofKernel && instruction != null) {
        findMoving(page, at, instruction);
      }
    });
    here.skipTo(there.sites.count() - MORE_SITES);
    there.skipTo(here.sites.count() + MORE_SITES);
    here.translate(page, mode, offset);
    byte[] moved = page.clone();
    moving.forEach((at, kind) ->
        Assembler.INT.set(moved, at, ArchivedBlock.get(page, at) + (kind == 0 ? HIGHER : -HIGHER)));
    there.translate(moved, mode, offset);
    int[] shifts = shifts();
    int[] siteShifts = siteShifts();
    if (shifts == null || siteShifts == null || here.guestBytes != there.guestBytes) {
      return Optional.empty();
    }
    return Optional.of(block(page, mode, linear, offset, shifts, siteShifts));
  }

  /** Notes the operands of an instruction that are addresses of the kernel, or relative to it. */
  private void findMoving(byte[] page, int at, Instruction i) {
    if (i.hasMemory() && i.base == Instruction.RIP) {
      if (i.segment == GS) {
        note(page, at, i, i.displacement, ArchivedBlock.AGAINST); // an offset in per-CPU data
      }
    } else if (i.hasMemory() && isOfKernel(i.displacement)) {
      note(page, at, i, i.displacement, 0);
    }
    if (!isBranch(i) && isOfKernel(i.immediate)) {
      note(page, at, i, i.immediate, 0);
    }
  }

  /** Whether a 32-bit operand, zero- or sign-extended, is an address in the kernel. */
  private static boolean isOfKernel(long value) {
    long extended = (int) value;
    return (value == extended || value == (extended & 0xFFFF_FFFFL))
        && extended >= KERNEL_BEGIN
        && extended < KERNEL_END;
  }

  private static boolean isBranch(Instruction i) {
    return i.form.operands.length > 0 && GuestBlock.isRelative(i);
  }

  private void note(byte[] page, int at, Instruction i, long value, int kind) {
    for (int place = at + i.length - 4; place > at; place--) {
      if (ArchivedBlock.get(page, place) == (int) value) {
        moving.put(place, kind);
        return;
      }
    }
  }

  /** The differences between both codes; null if there is one that has no reason. */
  private int[] shifts() {
    byte[] a = here.emitted;
    byte[] b = there.emitted;
    if (a.length != b.length) {
      return null;
    }
    int[] found = new int[a.length];
    int count = 0;
    int at = 0;
    int behind = 0;
    while ((at = Arrays.mismatch(a, behind, a.length, b, behind, b.length)) >= 0) {
      at += behind;
      int place = -1;
      for (int p = at; p >= Math.max(behind, at - 3) && place < 0; p--) {
        Shift shift = p + 4 <= a.length ? shiftOf(get(b, p) - get(a, p)) : null;
        if (shift != null) {
          place = p;
          found[count++] = p << Shift.BITS | shift.ordinal();
        }
      }
      if (place < 0) {
        return null;
      }
      behind = place + 4;
    }
    return Arrays.copyOf(found, count);
  }

  private static Shift shiftOf(int difference) {
    return switch (difference) {
      case HIGHER -> Shift.KERNEL;
      case -HIGHER -> Shift.AGAINST_KERNEL;
      case -FURTHER -> Shift.POSITION;
      case MORE_SITES -> Shift.SITE;
      default -> null;
    };
  }

  private static int get(byte[] bytes, int at) {
    return ArchivedBlock.get(bytes, at);
  }

  /** Which fields of the sites are positions and page numbers; null if one is neither. */
  private int[] siteShifts() {
    int sites = here.sites.count() - here.firstSite;
    if (sites != there.sites.count() - there.firstSite) {
      return null;
    }
    int[] found = new int[AccessSites.FIELDS * sites];
    int count = 0;
    for (int n = 0; n < found.length; n++) {
      switch (field(there, n) - field(here, n)) {
        case 0 -> {}
        case FURTHER -> found[count++] = n << 1;
        case OTHER_PAGE -> found[count++] = n << 1 | ArchivedBlock.PAGE_NUMBER;
        default -> {
          return null;
        }
      }
    }
    return Arrays.copyOf(found, count);
  }

  private static int field(Emitter of, int n) {
    return of.sites.field(of.firstSite + n / AccessSites.FIELDS, n % AccessSites.FIELDS);
  }

  private ArchivedBlock block(
      byte[] page, TranslationMode mode, long linear, int offset, int[] shifts, int[] siteShifts) {
    int[] ranges = ranges();
    byte[] guest = new byte[read.cardinality()];
    int[] placeInGuest = new int[GuestBlock.PAGE_BYTES];
    int length = 0;
    for (int at = read.nextSetBit(0); at >= 0; at = read.nextSetBit(at + 1)) {
      placeInGuest[at] = length;
      guest[length++] = page[at];
    }
    int[] moves =
        moving.entrySet().stream()
            .mapToInt(e -> placeInGuest[e.getKey()] << 1 | e.getValue())
            .toArray();
    byte[] host = here.emitted;
    for (int shift : shifts) {
      int by =
          switch (Shift.ALL[shift & (1 << Shift.BITS) - 1]) {
            case KERNEL, AGAINST_KERNEL -> 0;
            case POSITION -> here.position;
            case SITE -> -here.firstSite;
          };
      int place = shift >> Shift.BITS;
      Assembler.INT.set(host, place, get(host, place) + by);
    }
    int[] sites = new int[AccessSites.FIELDS * (here.sites.count() - here.firstSite)];
    for (int n = 0; n < sites.length; n++) {
      sites[n] = field(here, n);
    }
    for (int shift : siteShifts) {
      sites[shift >> 1] -=
          (shift & ArchivedBlock.PAGE_NUMBER) != 0 ? here.pageNumber : here.position;
    }
    int[] entries = new int[ArchivedBlock.ENTRIES];
    Arrays.setAll(entries, n -> here.entry(n, offset) - here.position);
    BlockRecords.shift(here.record, 0, -here.position);
    return new ArchivedBlock(
        mode.number(),
        linear,
        offset,
        ranges,
        guest,
        moves,
        host,
        shifts,
        entries,
        here.guestBytes,
        sites,
        siteShifts,
        here.record);
  }

  private int[] ranges() {
    int[] ranges = new int[2 * Math.max(1, read.cardinality())];
    int count = 0;
    for (int at = read.nextSetBit(0); at >= 0; at = read.nextSetBit(at)) {
      int end = Math.min(read.nextClearBit(at), GuestBlock.PAGE_BYTES);
      ranges[count++] = at;
      ranges[count++] = end - at;
      at = end;
    }
    return Arrays.copyOf(ranges, count);
  }
}
