package dev.ringzero.images.build;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.images.root.Attributes;
import dev.ringzero.images.root.Node.SymbolicLink;
import dev.ringzero.images.root.RootTree;
import dev.ringzero.images.root.Spool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SystemFilesTest {
  private static final String BUSYBOX = "\u007fELF stuff\0[\0[[\0awk\0cat\0poweroff\0xz\0\0more\0";

  @TempDir private Path directory;
  private Spool spool;
  private RootTree tree;
  private SystemFiles system;

  @BeforeEach
  void makeTree() throws IOException {
    spool = new Spool(directory.resolve("spool"));
    tree = new RootTree(spool);
    system = new SystemFiles(tree);
    system.prepare();
  }

  @AfterEach
  void close() throws IOException {
    spool.close();
  }

  private String target(String path) {
    return tree.find(path)
        .map(node -> node instanceof SymbolicLink link ? link.target() : "a file")
        .orElse("");
  }

  private String read(String path) throws IOException {
    return new String(tree.read(path).orElseThrow(), StandardCharsets.UTF_8);
  }

  @Test
  void commandsThatNoPackageBringsAreBusyboxs() throws IOException {
    tree.file("bin/busybox", 0755, BUSYBOX);
    tree.file("usr/bin/cat", 0755, "cat");
    tree.file("usr/bin/mawk", 0755, "mawk");
    system.finish("host");
    assertThat(target("usr/bin/xz")).isEqualTo("busybox");
    assertThat(target("usr/bin/cat")).isEqualTo("a file");
    assertThat(target("usr/bin/awk")).isEqualTo("mawk");
    assertThat(target("usr/bin/sh")).isEqualTo("busybox");
    assertThat(target("usr/bin/more")).isEmpty();
    assertThat(read("usr/sbin/poweroff")).contains("busybox poweroff -f");
  }

  @Test
  void aShellOfAPackageIsPreferred() throws IOException {
    tree.file("bin/busybox", 0755, BUSYBOX);
    tree.file("bin/dash", 0755, "dash");
    system.finish("host");
    assertThat(target("bin/sh")).isEqualTo("dash");
  }

  @Test
  void usersComeFromThePackageThatDefinesThem() throws IOException {
    tree.file("usr/share/base-passwd/passwd.master", 0644, "root:*:0:0:root:/root:/bin/bash\n");
    system.finish("host");
    assertThat(read("etc/passwd")).startsWith("root:x:0:0");
    assertThat(read("etc/group")).isEqualTo("root:x:0:\n");
    assertThat(read("etc/hostname")).isEqualTo("host\n");
  }

  @Test
  void certificatesAreBundled() throws IOException {
    tree.file("usr/share/ca-certificates/mozilla/b.crt", 0644, "B\n");
    tree.file("usr/share/ca-certificates/mozilla/a.crt", 0644, "A\n");
    tree.file("usr/share/ca-certificates/mozilla/readme", 0644, "no\n");
    system.finish("host");
    assertThat(read("etc/ssl/certs/ca-certificates.crt")).isEqualTo("A\nB\n");
    assertThat(read("usr/lib/ssl/cert.pem")).isEqualTo("A\nB\n");
  }

  @Test
  void filesOfPackagesAreNotOverwritten() throws IOException {
    tree.file("etc/passwd", 0600, "mine\n");
    tree.symbolicLink("var/run", Attributes.ofRoot(0777), "elsewhere");
    system.finish("host");
    assertThat(read("etc/passwd")).isEqualTo("mine\n");
    assertThat(target("var/run")).isEqualTo("elsewhere");
  }

  @Test
  void aFileThatIsNoBusyboxHasNoNames() {
    assertThat(BusyboxNames.in(new byte[100])).isEmpty();
    assertThat(BusyboxNames.in("\0[\0[[\0".getBytes(StandardCharsets.US_ASCII)))
        .containsExactly("[", "[[");
  }
}
