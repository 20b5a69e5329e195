package dev.ringzero.vmm.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.engine.Entropy;
import dev.ringzero.engine.Register;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.Progress;
import dev.ringzero.images.kernel.Kernel;
import dev.ringzero.images.kernel.KernelFiles;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.memory.RamRange;
import dev.ringzero.testkit.FakeKernel;
import dev.ringzero.vmm.boot.BootPlan.Piece;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BootPlannerTest {
  private static final long MEBIBYTE = 1 << 20;
  private static final long RSDP = 0xE_0000;
  private static final int KASLR_FLAG = 2;

  @TempDir private Path directory;

  private Kernel open(byte[] file) throws IOException {
    Path path = Files.write(directory.resolve("kernel"), file);
    return new KernelFiles(new ImageCache(directory.resolve("cache")), Progress.SILENT).open(path);
  }

  private Kernel linux() throws IOException {
    byte[] unpacked = FakeKernel.relocatable(0x100, 0x200, 0x300);
    return open(FakeKernel.bzImage(packed(unpacked), unpacked.length));
  }

  private static byte[] packed(byte[] unpacked) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(packed)) {
      out.write(unpacked);
    }
    return packed.toByteArray();
  }

  private static Entropy seeded(long seed) {
    return new Random(seed)::nextBytes;
  }

  private static BootRequest request(Kernel kernel, String commandLine, long seed) {
    return new BootRequest(
        kernel,
        Optional.of(new byte[5000]),
        commandLine,
        GuestMemory.pcLayout(512 * MEBIBYTE),
        List.of(new RamRange(0xE000_0000L, 256 * MEBIBYTE)),
        OptionalLong.of(RSDP),
        seeded(seed));
  }

  private static ByteBuffer piece(BootPlan plan, long gpa) {
    Piece piece =
        plan.pieces().stream().filter(each -> each.gpa() == gpa).findFirst().orElseThrow();
    byte[] bytes =
        Arrays.copyOfRange(piece.bytes(), piece.offset(), piece.offset() + piece.lengthBytes());
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Test
  void aLinuxKernelIsEnteredIn64BitModeWithTheZeroPage() throws IOException {
    BootPlan plan = BootPlanner.plan(request(linux(), "console=ttyS0 nokaslr", 1));

    assertThat(plan.entry())
        .isEqualTo(
            new EntryState(
                EntryState.Mode.LONG_64,
                FakeKernel.LINKED_GPA,
                Register.RSI,
                BootLayout.ZERO_PAGE));
  }

  @Test
  void a32BitLinuxKernelIsEnteredInProtectedModeWhereItIsLinked() throws IOException {
    byte[] elf = FakeKernel.elf32();
    Kernel kernel = open(FakeKernel.bzImage32(packed(elf), elf.length));

    BootPlan plan = BootPlanner.plan(request(kernel, "console=ttyS0", 1));

    assertThat(plan.entry())
        .isEqualTo(
            new EntryState(
                EntryState.Mode.PROTECTED_32,
                FakeKernel.LINKED_GPA,
                Register.RSI,
                BootLayout.ZERO_PAGE));
    assertThat(piece(plan, FakeKernel.LINKED_GPA).capacity()).isEqualTo(FakeKernel.TEXT_BYTES);
  }

  @Test
  void theZeroPageTellsWhereThingsAre() throws IOException {
    BootPlan plan = BootPlanner.plan(request(linux(), "console=ttyS0 nokaslr", 1));
    ByteBuffer page = piece(plan, BootLayout.ZERO_PAGE);
    long initrd = page.getInt(0x218) & 0xFFFF_FFFFL;

    assertThat(page.getLong(0x70)).isEqualTo(RSDP);
    assertThat(page.getInt(0x202)).isEqualTo(0x5372_6448);
    assertThat(page.get(0x210) & 0xFF).isEqualTo(0xFF);
    assertThat(page.getInt(0x21C)).isEqualTo(5000);
    assertThat(initrd % 4096).isZero();
    assertThat(piece(plan, initrd).capacity()).isEqualTo(5000);
    assertThat(page.getInt(0x228)).isEqualTo((int) BootLayout.COMMAND_LINE);
    assertThat(page.get(0x211) & KASLR_FLAG).isZero();
    assertThat(StandardCharsets.US_ASCII.decode(piece(plan, BootLayout.COMMAND_LINE)).toString())
        .isEqualTo("console=ttyS0 nokaslr\0");
  }

  @Test
  void theMemoryMapLeavesOutWhatIsNotTheKernels() throws IOException {
    ByteBuffer page = piece(BootPlanner.plan(request(linux(), "", 1)), BootLayout.ZERO_PAGE);

    assertThat(page.get(0x1E8)).isEqualTo((byte) 5);
    assertEntry(page, 0, 0, BootLayout.BIOS_DATA, 1);
    assertEntry(page, 1, BootLayout.BIOS_DATA, 0x400, 2);
    assertEntry(page, 2, BootLayout.BIOS, 0x2_0000, 2);
    assertEntry(page, 3, MEBIBYTE, 511 * MEBIBYTE, 1);
    assertEntry(page, 4, 0xE000_0000L, 256 * MEBIBYTE, 2);
  }

  private static void assertEntry(ByteBuffer page, int index, long gpa, long bytes, int type) {
    int at = 0x2D0 + index * 20;
    assertThat(page.getLong(at)).isEqualTo(gpa);
    assertThat(page.getLong(at + 8)).isEqualTo(bytes);
    assertThat(page.getInt(at + 16)).isEqualTo(type);
  }

  @Test
  void aKernelThatCanMoveIsPutAtRandomPlaces() throws IOException {
    List<Long> places = new ArrayList<>();
    for (int seed = 0; seed < 20; seed++) {
      BootPlan plan = BootPlanner.plan(request(linux(), "", seed));
      long gpa = plan.entry().rip();
      places.add(gpa);

      assertThat(gpa % (2 * MEBIBYTE)).isZero();
      assertThat(gpa).isBetween(16 * MEBIBYTE, 511 * MEBIBYTE);
      assertThat(piece(plan, BootLayout.ZERO_PAGE).get(0x211) & KASLR_FLAG).isEqualTo(KASLR_FLAG);
    }

    assertThat(places.stream().distinct().count()).isGreaterThan(15);
  }

  @Test
  void aKernelRunsAtAnotherRandomPlaceThanWhereItIsPut() throws IOException {
    BootPlan plan = BootPlanner.plan(request(linux(), "", 3));
    ByteBuffer text = piece(plan, plan.entry().rip());
    long virtualPlace = text.getLong(0x100) - 0x100 - 0xFFFF_FFFF_8000_0000L;

    assertThat(virtualPlace % (2 * MEBIBYTE)).isZero();
    assertThat(virtualPlace).isBetween(16 * MEBIBYTE, 1024 * MEBIBYTE);
    assertThat(virtualPlace).isNotEqualTo(plan.entry().rip());
    assertThat(text.getInt(0x300) - 0x300).isEqualTo((int) (virtualPlace + 0x8000_0000L));
  }

  @Test
  void aKernelStaysLowWhereMemoryIsHiddenFromIt() throws IOException {
    BootPlan plan = BootPlanner.plan(request(linux(), "mem=64M", 3));

    assertThat(plan.entry().rip()).isEqualTo(FakeKernel.LINKED_GPA);
  }

  @Test
  void aBareElfKernelIsEnteredByPvh() throws IOException {
    BootPlan plan = BootPlanner.plan(request(open(FakeKernel.elf(true)), "quiet", 1));
    ByteBuffer info = piece(plan, BootLayout.START_INFO);

    assertThat(plan.entry())
        .isEqualTo(
            new EntryState(
                EntryState.Mode.PROTECTED_32,
                FakeKernel.LINKED_GPA + 0x40,
                Register.RBX,
                BootLayout.START_INFO));
    assertThat(info.getInt(0)).isEqualTo(0x336E_C578);
    assertThat(info.getInt(12)).isEqualTo(1);
    assertThat(info.getLong(24)).isEqualTo(BootLayout.COMMAND_LINE);
    assertThat(info.getLong(32)).isEqualTo(RSDP);
    assertThat(info.getInt(48)).isEqualTo(5);
  }

  @Test
  void aKernelThatWeCannotUnpackUnpacksItself() throws IOException {
    BootPlan plan =
        BootPlanner.plan(request(open(FakeKernel.bzImage(new byte[] {'B', 'Z', 'h'}, 9)), "", 1));

    assertThat(plan.entry().rip()).isEqualTo(FakeKernel.LINKED_GPA + 0x200);
  }

  @Test
  void theFirstFourGibibytesAreMappedToThemselves() throws IOException {
    ByteBuffer tables = piece(BootPlanner.plan(request(linux(), "", 1)), BootLayout.PAGE_TABLES);

    assertThat(tables.getLong(0)).isEqualTo(BootLayout.PAGE_TABLES + 0x1000 | 3);
    assertThat(tables.getLong(0x1000 + 3 * 8)).isEqualTo(BootLayout.PAGE_TABLES + 0x5000 | 3);
    assertThat(tables.getLong(0x5000 + 511 * 8)).isEqualTo(0xFFE0_0000L | 0x83);
  }

  @Test
  void noPieceLiesOverAnother() throws IOException {
    List<Piece> pieces =
        BootPlanner.plan(request(linux(), "", 1)).pieces().stream()
            .sorted(Comparator.comparingLong(Piece::gpa))
            .toList();

    for (int i = 1; i < pieces.size(); i++) {
      assertThat(pieces.get(i).gpa()).isGreaterThanOrEqualTo(pieces.get(i - 1).endGpa());
    }
  }

  @Test
  void aMachineTooSmallForTheKernelIsRefused() throws IOException {
    Kernel kernel = linux();
    BootRequest small =
        new BootRequest(
            kernel,
            Optional.empty(),
            "",
            GuestMemory.pcLayout(16 * MEBIBYTE),
            List.of(),
            OptionalLong.empty(),
            seeded(1));

    assertThatThrownBy(() -> BootPlanner.plan(small))
        .isInstanceOf(BootException.class)
        .hasMessageStartingWith("memory is too small for this kernel");
  }

  @Test
  void anInitrdThatDoesNotFitIsRefused() throws IOException {
    Kernel kernel = linux();
    BootRequest large =
        new BootRequest(
            kernel,
            Optional.of(new byte[(int) (40 * MEBIBYTE)]),
            "",
            GuestMemory.pcLayout(32 * MEBIBYTE),
            List.of(),
            OptionalLong.empty(),
            seeded(1));

    assertThatThrownBy(() -> BootPlanner.plan(large))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("initrd of 40 MiB does not fit");
  }

  @Test
  void aCommandLineTooLongForTheKernelIsRefused() throws IOException {
    BootRequest request = request(linux(), "x".repeat(3000), 1);

    assertThatThrownBy(() -> BootPlanner.plan(request))
        .isInstanceOf(BootException.class)
        .hasMessageContaining("at most 2047");
  }
}
