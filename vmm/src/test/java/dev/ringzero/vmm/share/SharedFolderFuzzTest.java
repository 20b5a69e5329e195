package dev.ringzero.vmm.share;

import static dev.ringzero.vmm.share.FuseClient.ROOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.ringzero.devices.virtio.fs.FuseOpcode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A driver that asks for anything: nothing crashes, hangs or leaves the shared folder. */
final class SharedFolderFuzzTest {
  private static final int REQUESTS = Integer.getInteger("ringzero.fuzz.requests", 40_000);
  private static final String[] NAMES = {
    "a", "b", "d", "link", "up", "..", ".", "", "a/b", "../secret", "pipe", "user.x", "\0"
  };

  @TempDir Path directory;
  private final Random random = new Random(7);

  @Test
  void anyRequestIsAnsweredAndNothingOutsideChanges() throws IOException {
    assumeThat(HostFiles.areAllowed()).as("Linux on x86-64 with native access").isTrue();
    Path shared = Files.createDirectory(directory.resolve("shared"));
    Path secret = Files.writeString(directory.resolve("secret"), "nobody's business");
    var modified = Files.getLastModifiedTime(secret);
    Files.createSymbolicLink(shared.resolve("link"), secret);
    Files.createSymbolicLink(shared.resolve("up"), directory);
    Files.writeString(shared.resolve("a"), "a");
    Files.createDirectory(shared.resolve("d"));
    try (SharedFolder folder = new SharedFolder(shared, false, 1);
        FuseClient guest = new FuseClient(folder)) {
      guest.initialize();
      for (int i = 0; i < REQUESTS; i++) {
        ask(guest);
      }
    }
    assertThat(secret).hasContent("nobody's business");
    assertThat(Files.getLastModifiedTime(secret)).isEqualTo(modified);
    try (var entries = Files.list(directory)) {
      assertThat(entries).containsExactlyInAnyOrder(shared, secret);
    }
  }

  private void ask(FuseClient guest) {
    FuseOpcode[] opcodes = FuseOpcode.values();
    FuseOpcode opcode = opcodes[random.nextInt(opcodes.length)];
    // They write to the whole file system of the host, which takes its time.
    boolean slow = opcode == FuseOpcode.SYNCFS;
    boolean forgets = opcode == FuseOpcode.DESTROY && random.nextInt(100) > 0;
    if (slow || forgets) {
      return;
    }
    int number = random.nextInt(50) == 0 ? random.nextInt() : opcode.number();
    guest.raw(number, node(), arguments(), random.nextInt(4) == 0 ? random.nextInt(40) : 4096);
    if (random.nextInt(200) == 0) {
      byte[] noise = new byte[random.nextInt(100)];
      random.nextBytes(noise);
      guest.send(noise.length == 0 ? new byte[1] : noise, random.nextInt(64));
    }
    if (opcode == FuseOpcode.DESTROY) {
      guest.initialize();
    }
  }

  private long node() {
    return random.nextInt(10) == 0 ? random.nextLong() : ROOT + random.nextInt(12);
  }

  /** Numbers, most of them small, then names, then perhaps not all of it. */
  private byte[] arguments() {
    byte[] bytes =
        FuseClient.arguments(in -> {
          for (int i = random.nextInt(6); i > 0; i--) {
            in.putLong(number());
          }
          for (int i = random.nextInt(3); i > 0; i--) {
            FuseClient.text(in, NAMES[random.nextInt(NAMES.length)]);
          }
        });
    return random.nextInt(10) == 0
        ? ByteBuffer.allocate(random.nextInt(128)).put(bytes, 0, 0).array()
        : bytes;
  }

  private long number() {
    return switch (random.nextInt(6)) {
      case 0 -> random.nextLong();
      case 1 -> random.nextInt(1 << 12) | (long) random.nextInt(1 << 12) << 32;
      case 2 -> 0;
      default -> random.nextInt(16);
    };
  }
}
