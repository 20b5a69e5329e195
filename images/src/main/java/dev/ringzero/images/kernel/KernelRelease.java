package dev.ringzero.images.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The release of a kernel, such as "6.1.0-56-cloud-amd64": the name of the directory in which its
 * modules are.
 *
 * @spec Linux Documentation/arch/x86/boot.rst, kernel_version
 */
public final class KernelRelease {
  private static final byte[] BANNER = "Linux version ".getBytes(StandardCharsets.US_ASCII);
  private static final int VERSION_POINTER = 0x20E; // kernel_version
  private static final int POINTER_BASE = 0x200;
  private static final int LONGEST = 64; // __NEW_UTS_LEN

  private KernelRelease() {}

  /** The release that a bzImage or an ELF kernel says it is. */
  public static Optional<String> of(Path kernel) throws IOException {
    try (FileChannel channel = FileChannel.open(kernel)) {
      ByteBuffer file = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
      byte[] prefix = new byte[Math.min(SetupHeader.PREFIX_BYTES, file.limit())];
      file.get(0, prefix);
      int at =
          SetupHeader.begins(prefix)
              ? POINTER_BASE + Bytes.read16(prefix, VERSION_POINTER)
              : find(file);
      return at < 0 ? Optional.empty() : word(file, at);
    }
  }

  /** The banner also stands in the kernel as a pattern, in which no digit follows. */
  private static int find(ByteBuffer file) {
    for (int at = 0; at + BANNER.length < file.limit(); at++) {
      int matched = 0;
      while (matched < BANNER.length && file.get(at + matched) == BANNER[matched]) {
        matched++;
      }
      if (matched == BANNER.length && Character.isDigit(file.get(at + matched))) {
        return at + matched;
      }
    }
    return -1;
  }

  private static Optional<String> word(ByteBuffer file, int at) {
    StringBuilder word = new StringBuilder();
    for (int i = at; i < file.limit() && word.length() <= LONGEST; i++) {
      char character = (char) (file.get(i) & 0xFF);
      if (character <= ' ') {
        break;
      }
      word.append(character);
    }
    String release = word.toString();
    return release.matches("[A-Za-z0-9][A-Za-z0-9._+~-]*")
        ? Optional.of(release)
        : Optional.empty();
  }
}
