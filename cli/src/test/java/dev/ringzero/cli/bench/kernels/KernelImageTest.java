package dev.ringzero.cli.bench.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelImageTest {
  @Test
  void imageIsWhatTheSourceAssemblesTo(@TempDir Path directory)
      throws IOException, InterruptedException {
    Path source = Files.writeString(directory.resolve("k.asm"), KernelImage.text("kernels.asm"));
    Path image = directory.resolve("k.elf");
    Process nasm;
    try {
      nasm =
          new ProcessBuilder("nasm", "-f", "bin", source.toString(), "-o", image.toString())
              .inheritIO()
              .start();
    } catch (IOException e) {
      assumeTrue(false, "nasm is not installed");
      return;
    }
    assertThat(nasm.waitFor()).isZero();
    assertThat(KernelImage.bytes()).isEqualTo(Files.readAllBytes(image));
  }

  @Test
  void everyProgramIsInTheImageUnderItsName() throws IOException {
    String source = KernelImage.text("kernels.asm");
    assertThat(new KernelSuite().programs())
        .allSatisfy(program ->
            assertThat(source).contains("db \"" + program.name().substring(7) + "\", 0"));
  }
}
