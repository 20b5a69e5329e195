package dev.ringzero.images.module;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.images.ImageException;
import dev.ringzero.images.kernel.KernelRelease;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModuleDirectoryTest {
  private static final String RELEASE = "6.1.0-test";

  @TempDir private Path directory;

  /** An ELF object that holds nothing but what the module says of itself. */
  private static byte[] module(String dependencies) {
    byte[] information =
        ("license=GPL\0depends=" + dependencies + "\0").getBytes(StandardCharsets.UTF_8);
    byte[] names = "\0.modinfo\0".getBytes(StandardCharsets.UTF_8);
    ByteBuffer elf = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
    elf.putInt(0, 0x464C457F).putLong(0x28, 64).putShort(0x3C, (short) 2).putShort(0x3E, (short) 1);
    elf.putInt(64, 1).putLong(64 + 0x18, 300).putLong(64 + 0x20, information.length);
    elf.putLong(128 + 0x18, 256).putLong(128 + 0x20, names.length);
    elf.put(256, names).put(300, information);
    return elf.array();
  }

  private Path kernel() throws IOException {
    Path modules =
        Files.createDirectories(directory.resolve("lib/modules/" + RELEASE + "/kernel/fs"));
    Files.write(modules.resolve("ext4.ko"), module("jbd2,mbcache"));
    Files.write(modules.resolve("mbcache.ko"), module(""));
    try (OutputStream out =
        new GZIPOutputStream(Files.newOutputStream(modules.resolve("jbd2.ko.gz")))) {
      out.write(module("crc-16"));
    }
    Files.writeString(modules.resolve("../../modules.builtin"), "kernel/lib/crc-16.ko\n");
    Files.createDirectories(directory.resolve("boot"));
    return Files.writeString(
        directory.resolve("boot/vmlinux"),
        "\u007fELF .. Linux version %s (x) .. Linux version " + RELEASE + " (gcc) #1");
  }

  private ModuleFiles files() throws IOException {
    Path kernel = kernel();
    String release = KernelRelease.of(kernel).orElseThrow();
    return ModuleDirectory.of(kernel, release).orElseThrow();
  }

  @Test
  void modulesBesideAKernelAreFoundInTheOrderOfTheirNeeds() throws IOException {
    try (ModuleFiles files = files()) {
      assertThat(files.closure(List.of("ext4")))
          .extracting(KernelModule::name)
          .containsExactly("jbd2", "mbcache", "ext4");
    }
  }

  @Test
  void modulesThatTheKernelDoesNotHaveAreLeftOut() throws IOException {
    try (ModuleFiles files = files()) {
      assertThat(files.closure(List.of("vfat", "crc_16", "mbcache"))).hasSize(1);
    }
  }

  @Test
  void aModuleThatOthersNeedMustBeThere() throws IOException {
    try (ModuleFiles files = files()) {
      Files.delete(directory.resolve("lib/modules/" + RELEASE + "/kernel/fs/jbd2.ko.gz"));
      assertThatThrownBy(() -> files.closure(List.of("ext4"))).isInstanceOf(ImageException.class);
    }
  }

  @Test
  void aKernelWithoutADirectoryHasNoModules() throws IOException {
    assertThat(ModuleDirectory.of(kernel(), "5.5.5-nowhere")).isEmpty();
  }

  @Test
  void aFileThatIsNoKernelHasNoRelease() throws IOException {
    Path file = Files.writeString(directory.resolve("x"), "Linux version %s");
    assertThat(KernelRelease.of(file)).isEmpty();
    assertThat(KernelRelease.of(Files.createFile(directory.resolve("empty")))).isEmpty();
  }
}
