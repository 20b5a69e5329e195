package dev.ringzero.cpu.translator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ringzero.testkit.FakeClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blocks that were kept are, wherever they go, what translation would have made there. */
class TranslationArchiveTest {
  private static final long KERNEL = 0xFFFF_FFFF_8120_3000L;
  private static final long PROGRAM = 0x5555_0000_1000L;
  private static final int HIGHER = 0x1A20_0000;
  private static final TranslationMode SUPERVISOR = TranslationMode.ALL[0].with(View.SUPERVISOR);
  private static final TranslationMode USER = TranslationMode.ALL[0].with(View.USER);

  /** Instructions; K is an address of the kernel, P one relative to it. */
  private static final List<String> INSTRUCTIONS =
      List.of(
          "48 8B 04 25 K",
          "48 8B 04 C5 K",
          "48 C7 C7 K",
          "48 81 FB K",
          "48 C7 43 08 K",
          "65 48 8B 05 P",
          "65 FF 05 P",
          "48 01 4B 08",
          "8B 53 10",
          "89 53 14",
          "55",
          "5D",
          "41 57",
          "48 83 EC 18",
          "0F 84 20 00 00 00",
          "75 06",
          "48 85 C0",
          "E8 44 33 22 00",
          "E8 05 00 00 00",
          "FF 14 C5 K",
          "48 8D 05 10 00 00 00",
          "F3 48 AB",
          "0F 31",
          "48 F7 F1",
          "D9 43 08",
          "9C",
          "C3",
          "FB",
          "81 E2 00 00 00 80",
          "F0 48 0F B1 0B");

  @TempDir Path directory;

  /** A page of code for a kernel that lies so much higher. */
  private record Page(byte[] bytes, List<Integer> starts) {
    static Page of(long seed, int higher) {
      Random random = new Random(seed);
      byte[] bytes = new byte[GuestBlock.PAGE_BYTES];
      List<Integer> starts = new ArrayList<>();
      int at = 0;
      while (at < bytes.length - 32) {
        starts.add(at);
        String text = INSTRUCTIONS.get(random.nextInt(INSTRUCTIONS.size()));
        int address = 0x8130_0000 + random.nextInt(1 << 20);
        text = text.replace("K", dword(address + higher));
        text = text.replace("P", dword(0x7E00_0000 - address - higher));
        byte[] instruction = parsed(text);
        System.arraycopy(instruction, 0, bytes, at, instruction.length);
        at += instruction.length;
      }
      return new Page(bytes, starts);
    }
  }

  private static byte[] parsed(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  private static String dword(int value) {
    return "%08X".formatted(Integer.reverseBytes(value));
  }

  @BeforeAll
  static void needsAHostThatCanRunIt() {
    TranslatingExecutor.whyNot().ifPresent(reason -> assumeTrue(false, reason));
  }

  private static BlockArchiver archiver() {
    return new BlockArchiver(new Ordinary(HostFeatures.read()), false);
  }

  /** What translation makes at a position, with sites numbered from a first one. */
  private static byte[] translated(
      byte[] page, TranslationMode mode, int offset, int position, int firstSite) {
    Assembler code = new Assembler();
    code.begin(CodeStore.STUBS);
    Stubs stubs = new Stubs(code);
    AccessSites sites = new AccessSites();
    for (int n = 0; n < firstSite; n++) {
      sites.append(0, 0, 0, 0);
    }
    Ordinary ordinary = new Ordinary(HostFeatures.read());
    InstructionCount count = new InstructionCount(code, false);
    code.begin(position);
    new BlockTranslator(code, stubs, sites, ordinary, count, new BlockRecords(), false)
        .translate(new TranslatedPage(new PageContent(page), mode, 0), page, offset);
    return Arrays.copyOf(code.written(), code.length());
  }

  @Test
  void blockOfAKernelThatLiesElsewhereIsWhatTranslationMakesThere() {
    BlockArchiver archiver = archiver();
    int kept = 0;
    for (int seed = 0; seed < 4; seed++) {
      Page page = Page.of(seed, 0);
      Page moved = Page.of(seed, HIGHER);
      for (int start : page.starts.subList(0, 60)) {
        Optional<ArchivedBlock> block = archiver.archive(page.bytes, SUPERVISOR, KERNEL, start);
        // a jump into an instruction makes half of an address something else
        if (block.isPresent() && block.get().fits(moved.bytes, HIGHER)) {
          kept++;
          assertThat(block.get().codeAt(0x12_3450, 777, HIGHER))
              .isEqualTo(translated(moved.bytes, SUPERVISOR, start, 0x12_3450, 777));
        }
      }
    }
    assertThat(kept).isGreaterThan(150);
  }

  @Test
  void blockFitsNoPageThatDiffersInAByteThatDecidedWhatItIs() {
    Page page = Page.of(3, 0);
    ArchivedBlock block = archiver().archive(page.bytes, SUPERVISOR, KERNEL, 0).orElseThrow();
    for (int n = 0; n < block.ranges().length; n += 2) {
      for (int at = block.ranges()[n]; at < block.ranges()[n] + block.ranges()[n + 1]; at++) {
        byte[] other = page.bytes.clone();
        other[at] ^= 1;
        assertThat(block.fits(other, 0)).isFalse();
      }
    }
    assertThat(block.fits(page.bytes, 0)).isTrue();
    assertThat(block.fits(Page.of(3, HIGHER).bytes, 0)).isFalse();
  }

  private Path write(Page page, TranslationMode mode, long linear) throws IOException {
    BlockArchiver archiver = archiver();
    List<ArchivedBlock> blocks =
        page.starts.stream()
            .flatMap(start -> archiver.archive(page.bytes, mode, linear, start).stream())
            .toList();
    Path file = directory.resolve("kept");
    TranslationArchive.write(file, "this one", blocks);
    return file;
  }

  private static TranslatedPage translatedPage(Page page, TranslationMode mode) {
    return new TranslatedPage(new PageContent(page.bytes), mode, 0);
  }

  @Test
  void blocksAreFoundWhereTheirPageIsNow() throws IOException {
    Path file = write(Page.of(1, 0), SUPERVISOR, KERNEL);
    TranslatedPage moved = translatedPage(Page.of(1, HIGHER), SUPERVISOR);
    TranslationArchive archive = TranslationArchive.open(file, "this one").orElseThrow();
    assertThat(archive.find(moved, KERNEL + HIGHER, 0)).isNotNull();
    assertThat(archive.higher()).isEqualTo(HIGHER);
    assertThat(archive.find(moved, KERNEL + HIGHER + 4096, 0)).isNull();
    assertThat(archive.find(moved, KERNEL, 0)).isNull();
    assertThat(archive.find(moved, KERNEL + HIGHER, 1)).isNull();
    TranslatedPage other = translatedPage(Page.of(1, HIGHER), USER);
    assertThat(archive.find(other, KERNEL + HIGHER, 0)).isNull();
  }

  @Test
  void programsAreFoundAtAnyAddress() throws IOException {
    Page page = Page.of(2, 0);
    Path file = write(page, USER, PROGRAM);
    TranslationArchive archive = TranslationArchive.open(file, "this one").orElseThrow();
    assertThat(archive.find(translatedPage(page, USER), PROGRAM + 0x7000, 0)).isNotNull();
  }

  @Test
  void filesOfOthersAreIgnored() throws IOException {
    Path file = write(Page.of(1, 0), SUPERVISOR, KERNEL);
    assertThat(TranslationArchive.open(file, "this two")).isEmpty();
    assertThat(TranslationArchive.open(directory.resolve("none"), "this one")).isEmpty();
    Files.write(file, new byte[] {1, 2, 3});
    assertThat(TranslationArchive.open(file, "this one")).isEmpty();
    Files.write(file, new byte[0]);
    assertThat(TranslationArchive.open(file, "this one")).isEmpty();
  }

  @Test
  void damagedFileGivesNoDamagedBlock() throws IOException {
    Page page = Page.of(1, 0);
    Path file = write(page, SUPERVISOR, KERNEL);
    byte[] good = Files.readAllBytes(file);
    TranslatedPage wanted = translatedPage(page, SUPERVISOR);
    byte[] host = null;
    Random random = new Random(5);
    for (int round = 0; round < 300; round++) {
      byte[] bad = good.clone();
      bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
      if (round % 10 == 0) {
        bad = Arrays.copyOf(bad, random.nextInt(bad.length));
      }
      Path damaged = directory.resolve("bad" + round);
      Files.write(damaged, bad);
      Optional<TranslationArchive> archive = TranslationArchive.open(damaged, "this one");
      ArchivedBlock found = archive.map(a -> a.find(wanted, KERNEL, 0)).orElse(null);
      if (found != null) {
        host = host == null ? found.host() : host;
        assertThat(found.host()).isEqualTo(host);
      }
    }
  }

  private CodeStore store(TranslationCache cache) {
    return new CodeStore(1 << 20, false, false, Optional.of(cache));
  }

  private static void run(CodeStore store, Page page, long linear, TranslatorCounters counters) {
    TranslatedPage translated = translatedPage(page, SUPERVISOR);
    for (int start : page.starts.subList(0, 20)) {
      assertThat(store.block(translated, linear + start, new FakeClock(), counters)).isPositive();
    }
  }

  @Test
  void whatAStoreTranslatedIsLoadedByTheNext() throws IOException {
    TranslationCache first = new TranslationCache(directory, "guest");
    TranslatorCounters counters = new TranslatorCounters();
    run(store(first), Page.of(7, 0), KERNEL, counters);
    assertThat(counters.loaded).isZero();
    TranslationCache.build(first.writeProfile().orElseThrow());
    assertThat(first.writeProfile()).isEmpty();

    TranslatorCounters later = new TranslatorCounters();
    TranslationCache second = new TranslationCache(directory, "guest");
    run(store(second), Page.of(7, HIGHER), KERNEL + HIGHER, later);
    assertThat(later.loaded).isEqualTo(later.blocks).isEqualTo(counters.blocks);
    assertThat(second.writeProfile()).isEmpty();
  }

  @Test
  void blockThatTheVerifierRefusesIsTranslated() throws IOException {
    TranslationCache first = new TranslationCache(directory, "guest");
    Page page = Page.of(7, 0);
    run(store(first), page, KERNEL, new TranslatorCounters());
    Path profile = first.writeProfile().orElseThrow();
    String identity = TranslationProfile.read(profile).identity;
    TranslationCache.build(profile);
    Path file;
    try (var files = Files.list(directory)) {
      file = files.findFirst().orElseThrow();
    }
    ArchivedBlock good = archiver().archive(page.bytes, SUPERVISOR, KERNEL, 0).orElseThrow();
    byte[] unchecked = good.host().clone();
    Arrays.fill(unchecked, unchecked.length - 8, unchecked.length, (byte) 0x90);
    System.arraycopy(parsed("48 8B 00"), 0, unchecked, unchecked.length - 3, 3); // mov rax,[rax]
    ArchivedBlock bad =
        new ArchivedBlock(
            good.mode(),
            good.linear(),
            good.offset(),
            good.ranges(),
            good.guest(),
            good.moving(),
            unchecked,
            new int[0],
            good.entries(),
            good.guestBytes(),
            good.sites(),
            good.siteShifts(),
            good.record());
    TranslationArchive.write(file, identity, List.of(bad));
    TranslatorCounters counters = new TranslatorCounters();
    run(store(new TranslationCache(directory, "guest")), page, KERNEL, counters);
    assertThat(counters.loaded).isZero();
    assertThat(counters.blocks).isPositive();
  }
}
