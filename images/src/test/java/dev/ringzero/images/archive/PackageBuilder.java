package dev.ringzero.images.archive;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes Debian packages for tests, good and bad ones. */
public final class PackageBuilder {
  private PackageBuilder() {}

  /** A package of two tar archives. */
  public static Path write(Path file, byte[] control, byte[] data) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes("!<arch>\n".getBytes(StandardCharsets.US_ASCII));
    member(out, "debian-binary", "2.0\n".getBytes(StandardCharsets.US_ASCII));
    member(out, "control.tar", control);
    member(out, "data.tar", data);
    return Files.write(file, out.toByteArray());
  }

  private static void member(ByteArrayOutputStream out, String name, byte[] contents) {
    String header =
        "%-16s%-12d%-6d%-6d%-8s%-10d`\n".formatted(name, 0, 0, 0, 100644, contents.length);
    out.writeBytes(header.getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(contents);
    out.writeBytes(new byte[contents.length & 1]);
  }
}
