package dev.ringzero.images.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.images.ImageException;
import dev.ringzero.images.archive.PackageBuilder;
import dev.ringzero.images.archive.TarBuilder;
import dev.ringzero.images.debian.DebianPackage;
import dev.ringzero.images.root.Attributes;
import dev.ringzero.images.root.Node;
import dev.ringzero.images.root.Node.Special;
import dev.ringzero.images.root.RootTree;
import dev.ringzero.images.root.Spool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PackageUnpackerTest {
  private static final DebianPackage PACKAGE =
      new DebianPackage("x", "1", "amd64", "0", 1, 1000, Map.of());
  private static final byte[] CONTROL =
      new TarBuilder()
          .file("./control", bytes("Package: x\nVersion: 1\n"))
          .file("./postinst", bytes("#!/bin/sh\nrm -rf /\n"))
          .finish();

  @TempDir private Path directory;
  private Spool spool;
  private RootTree tree;

  @BeforeEach
  void makeTree() throws IOException {
    spool = new Spool(directory.resolve("spool"));
    tree = new RootTree(spool);
  }

  @AfterEach
  void close() throws IOException {
    spool.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void unpack(byte[] data) throws IOException {
    PackageUnpacker unpacker = new PackageUnpacker(tree);
    unpacker.unpack(PACKAGE, PackageBuilder.write(directory.resolve("x.deb"), CONTROL, data));
    unpacker.finish();
  }

  private String read(String path) throws IOException {
    return new String(tree.read(path).orElseThrow(), StandardCharsets.UTF_8);
  }

  @Test
  void filesKeepOwnerGroupModeAndTime() throws IOException {
    unpack(new TarBuilder().file("./usr/bin/x", bytes("x")).finish());
    assertThat(tree.find("usr/bin/x").map(Node::attributes))
        .contains(new Attributes(0755, 7, 9, 1_600_000_000));
  }

  @Test
  void linksAndDevicesAreKept() throws IOException {
    unpack(
        new TarBuilder()
            .file("./a", bytes("x"))
            .entry("./b", '1', "./a", new byte[0])
            .entry("./c", '2', "../a", new byte[0])
            .entry("./dev/console", '3', "", new byte[0])
            .finish());
    assertThat(tree.find("b")).isEqualTo(tree.find("a"));
    assertThat(read("c")).isEqualTo("x");
    assertThat(tree.find("dev/console").orElseThrow())
        .isInstanceOfSatisfying(
            Special.class,
            device -> assertThat(device.major() + ":" + device.minor()).isEqualTo("5:1"));
  }

  @Test
  void scriptsAreKeptAndDpkgKnowsThatTheyDidNotRun() throws IOException {
    unpack(new TarBuilder().file("./a", bytes("x")).finish());
    assertThat(read("var/lib/dpkg/status")).contains("Package: x").contains("install ok unpacked");
    assertThat(read("var/lib/dpkg/info/x.postinst")).contains("rm -rf");
    assertThat(read("var/lib/dpkg/info/x.list")).isEqualTo("/a\n");
  }

  @Test
  void pathsThatLeaveTheRootAreRefused() {
    for (String path : new String[] {"../x", "/etc/x", "a/../../x", "./../x"}) {
      byte[] data = new TarBuilder().file(path, bytes("x")).finish();
      assertThatThrownBy(() -> unpack(data))
          .isInstanceOf(ImageException.class)
          .hasMessageContaining("package x 1 is damaged");
    }
  }

  @Test
  void hardLinksToFilesOutsideAreRefused() {
    for (String target : new String[] {"/etc/passwd", "../../../etc/passwd"}) {
      byte[] data = new TarBuilder().entry("./a", '1', target, new byte[0]).finish();
      assertThatThrownBy(() -> unpack(data)).hasMessageContaining("names no file");
    }
  }

  @Test
  void aPackageThatUnpacksToFarMoreThanItSaysIsRefused() {
    TarBuilder tar = new TarBuilder();
    byte[] large = new byte[8 << 20];
    for (int i = 0; i < 10; i++) {
      tar.file("./f" + i, large);
    }
    byte[] data = tar.finish();
    assertThatThrownBy(() -> unpack(data)).hasMessageContaining("more than it said");
  }

  @Test
  void damagedPackagesEndInOneMessage() throws IOException {
    byte[] good =
        new TarBuilder()
            .file("./usr/bin/x", new byte[2000])
            .entry("./b", '2', "../a", new byte[0])
            .entry("./c", '1', "./usr/bin/x", new byte[0])
            .finish();
    Random random = new Random(7);
    for (int round = 0; round < 2000; round++) {
      byte[] bad = good.clone();
      for (int i = 0; i <= random.nextInt(4); i++) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt();
      }
      try {
        unpack(bad);
      } catch (ImageException e) {
        assertThat(e).hasMessageContaining("is damaged");
      }
    }
  }
}
