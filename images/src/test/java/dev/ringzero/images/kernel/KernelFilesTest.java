package dev.ringzero.images.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.images.ImageCache;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.Progress;
import dev.ringzero.testkit.FakeKernel;
import io.airlift.compress.v3.lz4.Lz4JavaCompressor;
import io.airlift.compress.v3.zstd.ZstdJavaCompressor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.LZMAOutputStream;
import org.tukaani.xz.XZOutputStream;

final class KernelFilesTest {
  private static final byte[] UNPACKED = FakeKernel.relocatable(0x100, 0x200, 0x300);

  @TempDir private Path directory;

  private Kernel open(byte[] file) throws IOException {
    return open(file, Progress.SILENT);
  }

  private Kernel open(byte[] file, Progress progress) throws IOException {
    Path path = Files.write(directory.resolve("kernel"), file);
    return new KernelFiles(new ImageCache(directory.resolve("cache")), progress).open(path);
  }

  private void unpacks(byte[] packed) throws IOException {
    ElfKernel kernel = (ElfKernel) open(FakeKernel.bzImage(packed, UNPACKED.length));

    assertThat(kernel.file()).isEqualTo(UNPACKED);
    assertThat(kernel.header()).isPresent();
    assertThat(kernel.relocations()).isPresent();
  }

  private interface Packer {
    OutputStream wrap(OutputStream out) throws IOException;
  }

  private static byte[] packed(Packer packer) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = packer.wrap(bytes)) {
      out.write(UNPACKED);
    }
    return bytes.toByteArray();
  }

  @Test
  void aGzipKernelIsUnpacked() throws IOException {
    unpacks(packed(GZIPOutputStream::new));
  }

  @Test
  void anXzKernelIsUnpacked() throws IOException {
    unpacks(packed(out -> new XZOutputStream(out, new LZMA2Options())));
  }

  @Test
  void anLzmaKernelIsUnpacked() throws IOException {
    unpacks(packed(out -> new LZMAOutputStream(out, new LZMA2Options(), -1)));
  }

  @Test
  void aZstdKernelIsUnpacked() throws IOException {
    ZstdJavaCompressor compressor = new ZstdJavaCompressor();
    byte[] packed = new byte[compressor.maxCompressedLength(UNPACKED.length)];
    int length = compressor.compress(UNPACKED, 0, UNPACKED.length, packed, 0, packed.length);
    unpacks(Arrays.copyOf(packed, length));
  }

  @Test
  void aLegacyLz4KernelOfSeveralBlocksIsUnpacked() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    packed.writeBytes(new byte[] {0x02, 0x21, 0x4C, 0x18});
    int half = UNPACKED.length / 2;
    lz4Block(packed, Arrays.copyOf(UNPACKED, half));
    lz4Block(packed, Arrays.copyOfRange(UNPACKED, half, UNPACKED.length));
    unpacks(packed.toByteArray());
  }

  private static void lz4Block(ByteArrayOutputStream out, byte[] data) {
    Lz4JavaCompressor compressor = new Lz4JavaCompressor();
    byte[] packed = new byte[compressor.maxCompressedLength(data.length)];
    int length = compressor.compress(data, 0, data.length, packed, 0, packed.length);
    ByteBuffer header = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(length);
    out.writeBytes(header.array());
    out.write(packed, 0, length);
  }

  @Test
  void theSecondTimeTheUnpackedKernelComesFromTheCache() throws IOException {
    byte[] image = FakeKernel.bzImage(packed(GZIPOutputStream::new), UNPACKED.length);
    open(image);
    List<String> steps = new ArrayList<>();
    open(image, (step, done, total) -> steps.add(step));

    assertThat(steps).isEmpty();
  }

  @Test
  void aDamagedFileInTheCacheIsMadeAgain() throws IOException {
    byte[] image = FakeKernel.bzImage(packed(GZIPOutputStream::new), UNPACKED.length);
    open(image);
    try (Stream<Path> files = Files.list(directory.resolve("cache/kernels"))) {
      Path kept = files.findFirst().orElseThrow();
      byte[] bytes = Files.readAllBytes(kept);
      bytes[0x220]++;
      Files.write(kept, bytes);
    }

    assertThat(((ElfKernel) open(image)).file()).isEqualTo(UNPACKED);
  }

  @Test
  void anUnknownCompressionIsLeftToTheKernel() throws IOException {
    byte[] packed = {'B', 'Z', 'h', '9', 0, 0, 0, 0};

    assertThat(open(FakeKernel.bzImage(packed, 100))).isInstanceOf(BzImage.class);
  }

  @Test
  void movingAKernelCorrectsAllThreeKindsOfPlaces() throws IOException {
    ElfKernel kernel =
        (ElfKernel) open(FakeKernel.bzImage(packed(GZIPOutputStream::new), UNPACKED.length));
    kernel.moveVirtually(0x40_0000);

    ByteBuffer text = ByteBuffer.wrap(kernel.file()).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(text.getLong(0x200 + 0x100)).isEqualTo(FakeKernel.TEXT_GVA + 0x100 + 0x40_0000);
    assertThat(text.getInt(0x200 + 0x200)).isEqualTo(-0x1234 - 0x40_0000);
    assertThat(text.getInt(0x200 + 0x300)).isEqualTo((int) FakeKernel.TEXT_GVA + 0x300 + 0x40_0000);
  }

  @Test
  void aBareElfKernelHasItsPvhEntryAndNoRelocations() throws IOException {
    ElfKernel kernel = (ElfKernel) open(FakeKernel.elf(true));

    assertThat(kernel.pvhEntryGpa()).hasValue(FakeKernel.LINKED_GPA + 0x40);
    assertThat(kernel.relocations()).isEmpty();
    assertThat(kernel.spanBytes()).isEqualTo(2 * FakeKernel.TEXT_BYTES);
  }

  @Test
  void aMissingFileIsNamed() {
    KernelFiles files = new KernelFiles(new ImageCache(directory), Progress.SILENT);
    Path missing = directory.resolve("missing");

    assertThatThrownBy(() -> files.open(missing))
        .isInstanceOf(ImageException.class)
        .hasMessage("cannot read kernel " + missing + ": no such file");
  }

  @Test
  void aFileThatIsNoKernelIsRefused() {
    assertThatThrownBy(() -> open("#!/bin/sh\n".getBytes()))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("is not a kernel");
  }

  @Test
  void anEmptyFileIsRefused() {
    assertThatThrownBy(() -> open(new byte[0])).hasMessageContaining("is not a kernel");
  }

  @Test
  void aDirectoryIsRefused() {
    KernelFiles files = new KernelFiles(new ImageCache(directory), Progress.SILENT);

    assertThatThrownBy(() -> files.open(directory)).hasMessageContaining("is a directory");
  }

  @Test
  void a32BitKernelIsUnpackedAndRunsWhereItIsLinked() throws IOException {
    byte[] elf = FakeKernel.elf32();
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(packed)) {
      out.write(elf);
    }

    ElfKernel kernel = (ElfKernel) open(FakeKernel.bzImage32(packed.toByteArray(), elf.length));

    assertThat(kernel.header().orElseThrow().has64BitEntry()).isFalse();
    assertThat(kernel.entryGpa()).isEqualTo(FakeKernel.LINKED_GPA);
    assertThat(kernel.segments())
        .containsExactly(
            new ElfKernel.LoadSegment(
                FakeKernel.LINKED_GPA, 0x200, FakeKernel.TEXT_BYTES, 2L * FakeKernel.TEXT_BYTES));
    assertThat(kernel.relocations()).isEmpty();
  }

  @Test
  void a32BitElfKernelIsRefused() {
    byte[] elf = FakeKernel.elf(false);
    elf[4] = 1;

    assertThatThrownBy(() -> open(elf)).hasMessageContaining("32-bit");
  }

  @Test
  void aProgramIsRefused() {
    byte[] elf = FakeKernel.elf(true);
    elf[120] = 3; // PT_INTERP

    assertThatThrownBy(() -> open(elf)).hasMessageContaining("is a program, not a kernel");
  }

  @Test
  void aKernelThatIsCutShortIsRefused() {
    byte[] elf = FakeKernel.elf(false);

    assertThatThrownBy(() -> open(Arrays.copyOf(elf, 0x300)))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("cut short");
  }
}
