package dev.ringzero.vmm.share;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.ringzero.devices.virtio.fs.FuseOpcode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nothing that a guest asks for crashes, hangs or leaves the shared folder, and what is outside
 * stays as it is.
 */
final class SharedFolderFuzzTest {
  private static final int REQUESTS = Integer.getInteger("ringzero.fuzz.requests", 15_000);
  private static final long SEED = Long.getLong("ringzero.fuzz.seed", 7);
  private static final String CONTENT = "nobody's business";

  @TempDir Path directory;
  private Path shared;
  private Path secret;
  private FileTime modified;
  private Object permissions;

  @BeforeEach
  void prepare() throws IOException {
    assumeThat(HostFiles.areAllowed()).as("Linux on x86-64 with native access").isTrue();
    shared = Files.createDirectory(directory.resolve("shared"));
    secret = Files.writeString(directory.resolve("secret"), CONTENT);
    modified = Files.getLastModifiedTime(secret);
    permissions = Files.getPosixFilePermissions(secret);
  }

  private void assertThatNothingOutsideChanged() throws IOException {
    assertThat(secret).hasContent(CONTENT);
    assertThat(Files.getLastModifiedTime(secret)).isEqualTo(modified);
    assertThat(Files.getPosixFilePermissions(secret)).isEqualTo(permissions);
    assertThat(Files.getAttribute(secret, "unix:nlink")).isEqualTo(1);
    try (var entries = Files.list(directory)) {
      assertThat(entries).containsExactlyInAnyOrder(shared, secret);
    }
  }

  /** Whatever became of them, links that lead out are there again. */
  private void bait() throws IOException {
    for (String name : List.of("link", "up")) {
      Path path = shared.resolve(name);
      if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        Files.deleteIfExists(path);
        Files.createSymbolicLink(path, name.equals("up") ? directory : secret);
      }
    }
  }

  @Test
  void anyRequestIsAnsweredAndNothingOutsideChanges() throws IOException {
    try (SharedFolder folder = new SharedFolder(shared, false, 1);
        FuseClient guest = new FuseClient(folder)) {
      guest.initialize();
      FuzzingDriver driver = new FuzzingDriver(guest, SEED);
      for (int i = 0; i < REQUESTS; i++) {
        if (i % 1000 == 0) {
          bait();
        }
        driver.ask();
      }
      assertThat(driver.succeeded())
          .as("requests of all kinds reach the files")
          .contains(
              FuseOpcode.CREATE,
              FuseOpcode.WRITE,
              FuseOpcode.READ,
              FuseOpcode.RENAME2,
              FuseOpcode.LINK,
              FuseOpcode.SYMLINK,
              FuseOpcode.SETATTR,
              FuseOpcode.READDIRPLUS,
              FuseOpcode.READLINK,
              FuseOpcode.FALLOCATE,
              FuseOpcode.COPY_FILE_RANGE);
    }
    assertThatNothingOutsideChanged();
  }

  @Test
  void requestsAtTheSameTimeAndFoldersThatBecomeLinksMeanwhileLeadNowhereElse() throws Exception {
    long before = openFiles();
    try (SharedFolder folder = new SharedFolder(shared, false, 1);
        FuseClient one = new FuseClient(folder);
        FuseClient other = new FuseClient(folder)) {
      one.initialize();
      AtomicInteger busy = new AtomicInteger(2);
      CompletableFuture<Void> first = run(one, SEED, busy);
      CompletableFuture<Void> second = run(other, SEED + 1, busy);
      while (busy.get() > 0) {
        swap();
      }
      first.join();
      second.join();
    }
    assertThatNothingOutsideChanged();
    assertThat(openFiles()).as("descriptors do not stay open").isLessThan(before + 20);
  }

  private static CompletableFuture<Void> run(FuseClient guest, long seed, AtomicInteger busy) {
    return CompletableFuture.runAsync(() -> {
      try {
        FuzzingDriver driver = new FuzzingDriver(guest, seed);
        for (int i = 0; i < REQUESTS / 3; i++) {
          driver.ask();
        }
      } finally {
        busy.decrementAndGet();
      }
    });
  }

  /** On the host a folder becomes a link that leads out, and a folder again. */
  private void swap() throws IOException {
    Path folder = shared.resolve("d");
    Path aside = directory.resolve("aside");
    Files.createDirectories(aside);
    Path link = Files.createSymbolicLink(directory.resolve("bait"), directory);
    for (int i = 0; i < 50; i++) {
      exchange(folder, aside.resolve("d"));
      exchange(link, folder);
      exchange(folder, link);
      exchange(aside.resolve("d"), folder);
    }
    Files.deleteIfExists(link);
    delete(aside);
  }

  private static void exchange(Path from, Path to) {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      // The guest was faster.
    }
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static long openFiles() throws IOException {
    try (var files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    }
  }
}
