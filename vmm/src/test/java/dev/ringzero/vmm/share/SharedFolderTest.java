package dev.ringzero.vmm.share;

import static dev.ringzero.vmm.share.FuseClient.ROOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.ringzero.devices.virtio.fs.FuseOpcode;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.vmm.share.FuseClient.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SharedFolderTest {
  private static final int O_RDWR = 2;
  private static final int O_CREAT = 0x40;
  private static final int O_EXCL = 0x80;

  @TempDir Path directory;
  private Path shared;
  private Path secret;
  private SharedFolder folder;
  private FuseClient guest;

  @BeforeEach
  void share() throws IOException {
    assumeThat(HostFiles.areAllowed()).as("Linux on x86-64 with native access").isTrue();
    shared = Files.createDirectory(directory.resolve("shared"));
    secret = Files.writeString(directory.resolve("secret"), "nobody's business");
    folder = new SharedFolder(shared, false, 1);
    guest = new FuseClient(folder);
    guest.initialize();
  }

  @AfterEach
  void close() {
    if (guest != null) {
      guest.close();
      folder.close();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(Answer answer) {
    return StandardCharsets.UTF_8.decode(answer.data()).toString();
  }

  private long handle(Answer created) {
    return created.data().getLong(128);
  }

  private List<Path> all() throws IOException {
    try (var files = Files.walk(directory)) {
      return files.sorted().toList();
    }
  }

  @Test
  void nothingIsServedBeforeTheDriverIntroducesItself() {
    folder.reset();
    assertThat(guest.lookup(ROOT, "a").error()).isEqualTo(Errno.EIO);
    guest.initialize();
    assertThat(guest.lookup(ROOT, "a").error()).isEqualTo(Errno.ENOENT);
  }

  @Test
  void aDriverTooOldIsRefused() {
    folder.reset();
    Answer answer =
        guest.call(FuseOpcode.INIT, 0, 256, in -> in.putInt(7).putInt(30).putInt(0).putInt(0));
    assertThat(answer.error()).isEqualTo(Errno.EPROTO);
  }

  @Test
  void whatTheGuestWritesIsInTheFileAndComesBack() throws IOException {
    Answer created = guest.create(ROOT, "a", O_RDWR | O_CREAT, 0640);
    assertThat(guest.write(handle(created), 0, bytes("hello")).data().getInt()).isEqualTo(5);
    assertThat(Files.readString(shared.resolve("a"))).isEqualTo("hello");
    assertThat(text(guest.read(handle(created), 1, 100))).isEqualTo("ello");
    assertThat(Files.getPosixFilePermissions(shared.resolve("a")))
        .isEqualTo(PosixFilePermissions.fromString("rw-r-----"));
  }

  @Test
  void aLargeReadFillsAllOfTheGuestsBuffer() throws IOException {
    byte[] content = new byte[1 << 20];
    new Random(1).nextBytes(content);
    Files.write(shared.resolve("big"), content);
    Answer opened = guest.open(guest.lookup(ROOT, "big").node(), 0);
    Answer read = guest.read(opened.data().getLong(0), 0, content.length);
    byte[] got = new byte[read.data().remaining()];
    read.data().get(got);
    assertThat(got).isEqualTo(content);
  }

  @Test
  void namesThatLeadElsewhereAreRefused() throws IOException {
    List<Path> before = all();
    for (String name : List.of("..", ".", "", "../secret", "a/b", "/etc/passwd", "../new")) {
      assertThat(guest.lookup(ROOT, name).error()).as(name).isEqualTo(Errno.EINVAL);
      assertThat(guest.create(ROOT, name, O_RDWR, 0600).error()).isEqualTo(Errno.EINVAL);
      assertThat(guest.makeDirectory(ROOT, name, 0700).error()).isEqualTo(Errno.EINVAL);
      assertThat(guest.names(FuseOpcode.UNLINK, ROOT, name).error()).isEqualTo(Errno.EINVAL);
      assertThat(guest.names(FuseOpcode.SYMLINK, ROOT, name, "x").error()).isEqualTo(Errno.EINVAL);
    }
    assertThat(all()).isEqualTo(before);
  }

  @Test
  void symbolicLinksAreNeverFollowedOnTheHost() throws IOException {
    Files.createSymbolicLink(shared.resolve("file"), secret);
    Files.createSymbolicLink(shared.resolve("up"), directory);
    long file = guest.lookup(ROOT, "file").node();
    long up = guest.lookup(ROOT, "up").node();
    assertThat(guest.open(file, 0).error()).isEqualTo(Errno.EACCES);
    assertThat(guest.create(ROOT, "file", O_RDWR, 0600).error()).isEqualTo(Errno.EACCES);
    assertThat(guest.lookup(up, "secret").error()).isNotZero();
    assertThat(guest.call(FuseOpcode.OPENDIR, up, 64, in -> in.putLong(0)).error()).isNotZero();
    assertThat(guest.names(FuseOpcode.UNLINK, up, "secret").error()).isNotZero();
    assertThat(truncate(file).error()).isNotZero();
    assertThat(text(guest.call(FuseOpcode.READLINK, file, 4096, in -> {})))
        .isEqualTo(secret.toString());
    assertThat(secret).hasContent("nobody's business");
  }

  @Test
  void whatIsDoneToALinkIsNotDoneToItsTarget() throws IOException {
    Files.createSymbolicLink(shared.resolve("file"), secret);
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    var modified = Files.getLastModifiedTime(secret);
    long file = guest.lookup(ROOT, "file").node();
    int everything = 1 | 2 | 4 | 8 | 16 | 32;
    guest.call(
        FuseOpcode.SETATTR,
        file,
        256,
        in -> in.putInt(everything).position(68).putInt(0777).position(88));
    guest.call(
        FuseOpcode.SETATTR, file, 256, in -> in.putInt(1).position(68).putInt(0777).position(88));
    guest.call(FuseOpcode.SETATTR, file, 256, in -> in.putInt(16 | 32).position(88));
    setAttribute(file, "user.a", "b");
    guest.call(
        FuseOpcode.LINK,
        ROOT,
        256,
        in -> {
          in.putLong(file);
          FuseClient.text(in, "second");
        });
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)))
        .isEqualTo("rw-------");
    assertThat(Files.getLastModifiedTime(secret)).isEqualTo(modified);
    assertThat(Files.getAttribute(secret, "unix:nlink")).isEqualTo(1);
    assertThat(Files.isSymbolicLink(shared.resolve("second"))).isTrue();
  }

  private Answer truncate(long node) {
    return guest.call(FuseOpcode.SETATTR, node, 256, in -> in.putInt(1 << 3).position(88));
  }

  @Test
  void aDirectoryThatBecomesALinkLeadsNowhere() throws IOException {
    Path inside = Files.createDirectory(shared.resolve("d"));
    long node = guest.lookup(ROOT, "d").node();
    Files.delete(inside);
    Files.createSymbolicLink(inside, directory);
    assertThat(guest.lookup(node, "secret").error()).isEqualTo(Errno.ESTALE);
  }

  @Test
  void pipesAndDevicesAreNeverOpened() {
    Answer pipe =
        guest.call(
            FuseOpcode.MKNOD,
            ROOT,
            256,
            in -> {
              in.putInt(0x1000 | 0644).putInt(0).putLong(0);
              FuseClient.text(in, "pipe");
            });
    assertThat(pipe.error()).isZero();
    assertThat(guest.open(pipe.node(), 0).error()).isEqualTo(Errno.EACCES);
    assertThat(guest.create(ROOT, "pipe", 0, 0).error()).isEqualTo(Errno.EACCES);
    Answer device =
        guest.call(
            FuseOpcode.MKNOD,
            ROOT,
            256,
            in -> {
              in.putInt(0x2000 | 0644).putInt(0x0103).putLong(0);
              FuseClient.text(in, "null");
            });
    assertThat(device.error()).isEqualTo(Errno.EPERM);
  }

  @Test
  void filesOfTheHostNeverGetTheRightToRunAsTheirOwner() throws IOException {
    Answer created = guest.create(ROOT, "tool", O_RDWR | O_CREAT, 06755);
    assertThat(created.mode() & 07777).isEqualTo(0755);
    Answer changed =
        guest.call(
            FuseOpcode.SETATTR,
            created.node(),
            256,
            in -> in.putInt(1).position(68).putInt(04711).position(88));
    assertThat(changed.error()).isZero();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(shared.resolve("tool"))))
        .isEqualTo("rwx--x--x");
  }

  @Test
  void aFolderThatIsReadOnlyStaysAsItIs() throws IOException {
    Files.writeString(shared.resolve("a"), "kept");
    try (SharedFolder readOnly = new SharedFolder(shared, true, 1);
        FuseClient reader = new FuseClient(readOnly)) {
      reader.initialize();
      long node = reader.lookup(ROOT, "a").node();
      assertThat(reader.open(node, 0).error()).isZero();
      assertThat(reader.open(node, O_RDWR).error()).isEqualTo(Errno.EROFS);
      assertThat(reader.open(node, 0x200).error()).isEqualTo(Errno.EROFS);
      assertThat(reader.create(ROOT, "b", O_RDWR, 0600).error()).isEqualTo(Errno.EROFS);
      assertThat(reader.names(FuseOpcode.UNLINK, ROOT, "a").error()).isEqualTo(Errno.EROFS);
    }
    assertThat(shared.resolve("a")).hasContent("kept");
  }

  @Test
  void anOpenFileOutlivesItsName() throws IOException {
    Answer created = guest.create(ROOT, "a", O_RDWR | O_CREAT, 0600);
    assertThat(guest.names(FuseOpcode.UNLINK, ROOT, "a").error()).isZero();
    assertThat(guest.write(handle(created), 0, bytes("still")).error()).isZero();
    Answer attributes =
        guest.call(FuseOpcode.GETATTR, created.node(), 256, in -> in.putLong(0).putLong(0));
    assertThat(attributes.data().getLong(16 + 8)).isEqualTo(5);
    assertThat(guest.create(ROOT, "a", O_RDWR | O_EXCL, 0600).node()).isNotEqualTo(created.node());
  }

  @Test
  void aFileKeepsItsNumberWhenItMoves() {
    long from = guest.makeDirectory(ROOT, "from", 0755).node();
    long to = guest.makeDirectory(ROOT, "to", 0755).node();
    long file = guest.create(from, "f", O_RDWR, 0600).node();
    Answer moved =
        guest.call(
            FuseOpcode.RENAME2,
            from,
            0,
            in -> {
              in.putLong(to).putInt(0).putInt(0);
              FuseClient.text(in, "f");
              FuseClient.text(in, "g");
            });
    assertThat(moved.error()).isZero();
    assertThat(guest.lookup(to, "g").node()).isEqualTo(file);
    assertThat(guest.lookup(from, "f").error()).isEqualTo(Errno.ENOENT);
    assertThat(guest.open(file, 0).error()).isZero();
  }

  @Test
  void largeDirectoriesAreListedInPiecesWithoutLossOrRepetition() throws IOException {
    List<String> expected = new ArrayList<>(List.of(".", ".."));
    for (int i = 0; i < 1000; i++) {
      String name = "file-with-a-longer-name-" + i;
      Files.createFile(shared.resolve(name));
      expected.add(name);
    }
    assertThat(guest.list(ROOT, FuseOpcode.READDIR, 1024))
        .containsExactlyInAnyOrderElementsOf(expected);
    assertThat(guest.list(ROOT, FuseOpcode.READDIRPLUS, 4096))
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void moreFilesAreKnownThanMayBeOpen() throws IOException {
    int fd = new HostFiles().open(shared.toString(), OpenFlag.O_PATH | OpenFlag.O_DIRECTORY);
    InodeTable table = new InodeTable(fd, 4);
    HostFiles host = new HostFiles();
    List<Inode> inodes = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      byte[] name = bytes("f" + i);
      Files.createFile(shared.resolve("f" + i));
      assertThat(host.stat(fd, name)).isZero();
      inodes.add(table.remember(host.status(), table.acquire(ROOT), name));
    }
    for (Inode inode : inodes) {
      table.acquire(inode.id);
      assertThat(host.stat(table.fd(inode))).isZero();
      assertThat(host.status().key()).isEqualTo(inode.key);
      table.release(inode);
    }
    assertThat(inodes.stream().filter(inode -> inode.fd != Inode.CLOSED)).hasSizeLessThan(6);
    table.close();
  }

  @Test
  void attributesOfTheUserNamespaceAreKept() {
    long file = guest.create(ROOT, "a", O_RDWR, 0600).node();
    Answer set = setAttribute(file, "user.colour", "red");
    assumeThat(set.error()).as("extended attributes on this file system").isZero();
    Answer got =
        guest.call(
            FuseOpcode.GETXATTR,
            file,
            64,
            in -> {
              in.putInt(64).putInt(0);
              FuseClient.text(in, "user.colour");
            });
    assertThat(text(got)).isEqualTo("red");
    assertThat(setAttribute(file, "security.capability", "x").error()).isEqualTo(Errno.EOPNOTSUPP);
  }

  private Answer setAttribute(long node, String name, String value) {
    return guest.call(
        FuseOpcode.SETXATTR,
        node,
        0,
        in -> {
          in.putInt(value.length()).putInt(0);
          FuseClient.text(in, name);
          in.put(bytes(value));
        });
  }

  @Test
  void savedAndRestoredAGuestGoesOnWithWhatItHasOpen() throws IOException {
    Files.createDirectory(shared.resolve("d"));
    long directoryNode = guest.lookup(ROOT, "d").node();
    Answer created = guest.create(directoryNode, "a", O_RDWR | O_CREAT, 0600);
    guest.write(handle(created), 0, bytes("before"));
    byte[] saved = saved(folder);
    try (SharedFolder other = new SharedFolder(shared, false, 1);
        FuseClient restored = new FuseClient(other)) {
      restored.device().restore(new StateReader(saved));
      assertThat(saved(other)).isEqualTo(saved);
      assertThat(text(restored.read(handle(created), 0, 100))).isEqualTo("before");
      assertThat(restored.lookup(directoryNode, "a").node()).isEqualTo(created.node());
    }
  }

  private static byte[] saved(SharedFolder folder) {
    StateWriter out = new StateWriter();
    folder.save(out);
    return out.toByteArray();
  }

  @Test
  void whatIsNoFolderIsRefusedInWords() {
    assertThatThrownBy(() -> new SharedFolder(secret, false, 1)).hasMessage("not a folder");
    assertThatThrownBy(() -> new SharedFolder(directory.resolve("x"), false, 1))
        .hasMessage("no such folder");
  }

  @Test
  void filesInWhichTheHostsKernelShowsItselfAreNotShared() throws IOException {
    assertThatThrownBy(() -> new SharedFolder(Path.of("/proc/self"), true, 1))
        .hasMessage("files of the host's kernel cannot be shared");
    try (SharedFolder everything = new SharedFolder(Path.of("/"), true, 1);
        FuseClient reader = new FuseClient(everything)) {
      reader.initialize();
      assertThat(reader.lookup(ROOT, "proc").error()).isEqualTo(Errno.EACCES);
      assertThat(reader.lookup(ROOT, "sys").error()).isEqualTo(Errno.EACCES);
      assertThat(reader.lookup(ROOT, "usr").error()).isZero();
      assertThat(reader.list(ROOT, FuseOpcode.READDIRPLUS, 4096)).contains("proc", "usr");
    }
  }

  @Test
  void aUserIsTheGuestsRootAndTheHostsRootIsNobody() {
    Ownership user = new Ownership(1000, 1000);
    assertThat(user.guestUser(1000)).isZero();
    assertThat(user.guestUser(0)).isEqualTo(65534);
    assertThat(user.guestUser(1001)).isEqualTo(1001);
    assertThat(user.hostUser(0)).isEqualTo(1000);
    assertThat(new Ownership(0, 0).guestUser(1000)).isEqualTo(1000);
  }
}
