package dev.ringzero.control.warm;

import dev.ringzero.control.run.RunRequest;
import dev.ringzero.vmm.machine.Machine;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.stream.Stream;

/**
 * Stands for all that a booted guest depends on: kernel, first file system, configuration, and the
 * very build of RingZero.
 */
final class WarmKey {
  private static final int LENGTH = 24;

  private WarmKey() {}

  static String of(RunRequest request, Path kernel, byte[] initrd) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(initrd);
      add(digest, kernel.toRealPath() + stamp(kernel));
      add(digest, request.memoryBytes() + " " + request.cpus());
      add(digest, request.engine().toString());
      add(digest, build());
      return "warm-" + HexFormat.of().formatHex(digest.digest()).substring(0, LENGTH);
    } catch (NoSuchAlgorithmException | URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void add(MessageDigest digest, String text) {
    digest.update((text + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static String stamp(Path file) throws IOException {
    return " " + Files.size(file) + " " + Files.getLastModifiedTime(file).toMillis();
  }

  /** Where our classes come from, and when they were made. */
  private static String build() throws IOException, URISyntaxException {
    Path code = Path.of(Machine.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    if (Files.isRegularFile(code)) {
      return code + stamp(code);
    }
    try (Stream<Path> files = Files.walk(code)) {
      long newest = 0;
      for (Path file : files.toList()) {
        newest = Math.max(newest, Files.getLastModifiedTime(file).toMillis());
      }
      return code + " " + newest;
    }
  }
}
