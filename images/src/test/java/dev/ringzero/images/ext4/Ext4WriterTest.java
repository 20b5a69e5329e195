package dev.ringzero.images.ext4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ringzero.images.disk.Disk;
import dev.ringzero.images.disk.DiskFormat;
import dev.ringzero.images.disk.DiskImages;
import dev.ringzero.images.root.Attributes;
import dev.ringzero.images.root.Node.Special;
import dev.ringzero.images.root.RootTree;
import dev.ringzero.images.root.Spool;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file systems that we write, judged by e2fsprogs where these are installed. */
class Ext4WriterTest {
  private static final Ext4Identity IDENTITY = Ext4Identity.of("test", "nothing", 1_700_000_000);

  @TempDir Path directory;

  @Test
  void anEmptyFileSystemIsWithoutFault() throws Exception {
    assertThat(check(write("a", 32 << 20, tree -> {}))).contains("11/");
  }

  @Test
  void filesLinksAndDevicesAreWithoutFault() throws Exception {
    check(write("a", 64 << 20, Ext4WriterTest::fill));
  }

  @Test
  void whatIsReadBackIsWhatWasWritten() throws Exception {
    Path disk = write("a", 64 << 20, Ext4WriterTest::fill);
    assertThat(debugfs(disk, "cat /etc/motd")).contains("hello");
    assertThat(debugfs(disk, "stat /dev/null")).contains("Device major/minor number: 01:03");
    assertThat(debugfs(disk, "stat /etc/motd"))
        .contains("Mode:  0640", "User:  1000", "Group:    42", "Links: 2", "Size: 6");
    assertThat(debugfs(disk, "stat /etc/short")).contains("Fast link dest: \"motd\"");
    assertThat(debugfs(disk, "stat /etc/long")).contains("Size: 100");
  }

  @Test
  void directoriesOfManyBlocksAreWithoutFault() throws Exception {
    String report =
        check(
            write(
                "a",
                64 << 20,
                tree -> {
                  for (int i = 0; i < 3000; i++) {
                    tree.file("many/" + "x".repeat(i % 200) + i, 0644, "");
                  }
                }));
    assertThat(report).contains("3012/");
  }

  @Test
  void filesAcrossGroupsAreWithoutFault() throws Exception {
    byte[] piece = new byte[1 << 20];
    check(
        write(
            "a",
            700 << 20,
            tree -> {
              tree.file("first", 0644, "x");
              tree.file("big", Attributes.ofRoot(0644), new Repeated(piece, 600), 1L << 40);
              tree.file("last", 0644, "y");
            }));
  }

  @Test
  void everySizeOfDiskGivesAFaultlessFileSystem() throws Exception {
    for (long kib : new long[] {16384, 20001, 131072, 131080, 131600, 140000, 400000, 1100000}) {
      check(write("disk" + kib, kib * 1024, Ext4WriterTest::fill));
    }
  }

  @Test
  void equalTreesGiveEqualBytes() throws Exception {
    Path first = write("a", 32 << 20, Ext4WriterTest::fill);
    Path second = write("b", 32 << 20, Ext4WriterTest::fill);
    assertThat(Files.mismatch(first, second)).isEqualTo(-1);
  }

  @Test
  void aDiskThatIsTooSmallIsRefused() {
    byte[] piece = new byte[1 << 20];
    assertThatThrownBy(() ->
            write(
                "a",
                32 << 20,
                tree ->
                    tree.file("big", Attributes.ofRoot(0644), new Repeated(piece, 40), 1L << 40)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("too small");
  }

  @Test
  void theSizeThatIsProposedLeavesTheRoomThatWasAskedFor() throws Exception {
    try (Spool spool = new Spool(directory.resolve("spool"))) {
      RootTree tree = new RootTree(spool);
      fill(tree);
      long size = Ext4Writer.sizeFor(tree, 100 << 20) / 4096 * 4096;
      String report = check(write("a", size, Ext4WriterTest::fill));
      String[] blocks = report.replaceAll("(?s).* (\\d+)/(\\d+) blocks.*", "$1 $2").split(" ");
      long free = Long.parseLong(blocks[1]) - Long.parseLong(blocks[0]);
      assertThat(free * 4096).isGreaterThan(100 << 20);
    }
  }

  private interface Filling {
    void fill(RootTree tree) throws IOException;
  }

  private static void fill(RootTree tree) throws IOException {
    tree.directory("etc", Attributes.ofRoot(0755));
    tree.file(
        "etc/motd",
        new Attributes(0640, 1000, 42, 1_600_000_000),
        new ByteArrayInputStream("hello\n".getBytes(StandardCharsets.UTF_8)),
        100);
    tree.hardLink("etc/motd.again", "etc/motd");
    tree.symbolicLink("etc/short", Attributes.ofRoot(0777), "motd");
    tree.symbolicLink("etc/long", Attributes.ofRoot(0777), "m".repeat(100));
    tree.file("bin/su", 04755, new byte[5000]);
    tree.directory("tmp", Attributes.ofRoot(01777));
    Attributes device = Attributes.ofRoot(0666);
    tree.special("dev/null", new Special(device, Special.Kind.CHARACTER_DEVICE, 1, 3));
    tree.special("dev/far", new Special(device, Special.Kind.BLOCK_DEVICE, 259, 70000));
    tree.special("dev/pipe", new Special(device, Special.Kind.PIPE, 0, 0));
  }

  private Path write(String name, long sizeBytes, Filling filling) throws IOException {
    Path path = directory.resolve(name + ".img");
    DiskImages.create(path, DiskFormat.RAW, sizeBytes);
    try (Spool spool = new Spool(directory.resolve(name + ".spool"));
        Disk disk = DiskImages.open(path, false, Optional.of(DiskFormat.RAW))) {
      RootTree tree = new RootTree(spool);
      filling.fill(tree);
      Ext4Writer.write(tree, disk, IDENTITY);
    }
    return path;
  }

  private static String check(Path disk) throws Exception {
    return run(0, "e2fsck", "-fn", disk.toString());
  }

  private static String debugfs(Path disk, String request) throws Exception {
    return run(0, "debugfs", "-R", request, disk.toString());
  }

  private static String run(int expected, String... command) throws Exception {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      assumeTrue(false, "skipped: no " + command[0] + " here; install e2fsprogs");
      throw e;
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isEqualTo(expected);
    return output;
  }

  /** The same bytes over and over. */
  private static final class Repeated extends java.io.InputStream {
    private final byte[] piece;
    private int remaining;

    Repeated(byte[] piece, int times) {
      this.piece = piece;
      this.remaining = times;
    }

    @Override
    public int read() {
      throw new UnsupportedOperationException();
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      if (remaining == 0) {
        return -1;
      }
      int count = Math.min(length, piece.length);
      System.arraycopy(piece, 0, into, offset, count);
      written += count;
      if (written >= piece.length) {
        written = 0;
        remaining--;
      }
      return count;
    }

    private int written;
  }
}
