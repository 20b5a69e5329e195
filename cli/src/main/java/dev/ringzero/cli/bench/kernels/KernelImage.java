package dev.ringzero.cli.bench.kernels;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** The bare-metal guest of the kernels, as assembled from {@code kernels.asm} beside it. */
final class KernelImage {
  private KernelImage() {}

  static byte[] bytes() throws IOException {
    return HexFormat.of().parseHex(text("kernels.hex").replaceAll("\\s", ""));
  }

  /** The text of a resource. */
  static String text(String name) throws IOException {
    try (InputStream in = KernelImage.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    }
  }
}
