package dev.ringzero.images.build;

import dev.ringzero.images.root.Attributes;
import dev.ringzero.images.root.Node;
import dev.ringzero.images.root.RootTree;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the scripts of packages would have made and programs look for: users and groups, the names
 * of alternatives, the bundle of certificates, busybox's names, and a few files in {@code /etc}.
 *
 * <p>Not modelled: everything else that scripts do, such as caches ({@code ld.so.cache}, fonts,
 * compiled Python), users of services, and their units.
 */
final class SystemFiles {
  private static final String PASSWORDS = "usr/share/base-passwd/passwd.master";
  private static final String GROUPS = "usr/share/base-passwd/group.master";
  private static final String CERTIFICATES = "usr/share/ca-certificates";
  private static final String BUNDLE = "etc/ssl/certs/ca-certificates.crt";
  private static final String PROGRAMS = "usr/bin/";

  /** Directories that Debian merged into {@code /usr}; older packages name them still. */
  private static final List<String> MERGED = List.of("bin", "sbin", "lib", "lib64", "lib32");

  private static final List<String> MOUNT_POINTS =
      List.of("dev", "proc", "sys", "run", "mnt", "media", "opt", "srv", "home", "var/tmp");

  /** For a name, the programs that can bear it, the best first. */
  private static final Map<String, List<String>> ALTERNATIVES =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("awk", List.of("gawk", "mawk", "original-awk")),
              Map.entry("nawk", List.of("gawk", "mawk", "original-awk")),
              Map.entry("which", List.of("which.debianutils")),
              Map.entry("cc", List.of("gcc", "clang", "tcc")),
              Map.entry("c89", List.of("c89-gcc")),
              Map.entry("c99", List.of("c99-gcc")),
              Map.entry("c++", List.of("g++", "clang++")),
              Map.entry("ld", List.of("ld.bfd")),
              Map.entry("pager", List.of("less", "more")),
              Map.entry("editor", List.of("vim.basic", "vim.tiny", "nano", "vi")),
              Map.entry("vi", List.of("vim.basic", "vim.tiny", "nvi")),
              Map.entry("vim", List.of("vim.basic", "vim.tiny")),
              Map.entry("nc", List.of("nc.openbsd", "nc.traditional")),
              Map.entry("js", List.of("node")),
              Map.entry("yacc", List.of("bison.yacc", "byacc")),
              Map.entry("lua", List.of("lua5.4", "lua5.3", "lua5.1")),
              Map.entry("fakeroot", List.of("fakeroot-sysv", "fakeroot-tcp")),
              Map.entry("sh", List.of("dash", "bash", "busybox"))));

  private static final List<String> ENDINGS = List.of("halt", "poweroff", "reboot");

  /** The first process is a script of ours, which no signal can ask to end the guest. */
  private static final String ENDING =
      """
      #!/bin/sh
      # Without "-f" too: there is nothing to shut down in order.
      busybox sync
      busybox mount -o remount,ro / 2>/dev/null
      exec busybox %s -f
      """;

  private final RootTree tree;

  SystemFiles(RootTree tree) {
    this.tree = tree;
  }

  /** Makes what has to be there before the first package. */
  void prepare() throws IOException {
    Attributes ordinary = Attributes.ofRoot(0755);
    for (String directory : MERGED) {
      tree.directory("usr/" + directory, ordinary);
      tree.linkWhereFree(directory, "usr/" + directory);
    }
    for (String directory : MOUNT_POINTS) {
      tree.directory(directory, ordinary);
    }
    tree.directory("root", Attributes.ofRoot(0700));
    tree.directory("tmp", Attributes.ofRoot(01777));
  }

  /** Makes what is made from the files of packages. */
  void finish(String hostname) throws IOException {
    copyWhereMissing(PASSWORDS, "etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
    copyWhereMissing(GROUPS, "etc/group", "root:x:0:\n");
    for (Map.Entry<String, List<String>> alternative : ALTERNATIVES.entrySet()) {
      choose(alternative.getKey(), alternative.getValue());
    }
    busyboxNames();
    certificates();
    whereMissing("etc/hostname", hostname + "\n");
    whereMissing("etc/hosts", "127.0.0.1 localhost " + hostname + "\n::1 localhost\n");
    whereMissing("etc/resolv.conf", "");
    whereMissing("etc/fstab", "");
    // dpkg's records and others want it; without a name server it does no harm.
    whereMissing("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n");
    tree.directory("var/log", Attributes.ofRoot(0755));
    tree.linkWhereFree("var/run", "/run");
    tree.linkWhereFree("var/lock", "/run/lock");
    tree.linkWhereFree("etc/mtab", "/proc/self/mounts");
  }

  private void copyWhereMissing(String source, String target, String otherwise) throws IOException {
    if (tree.find(target).isEmpty()) {
      Optional<byte[]> copied = tree.read(source);
      String text =
          copied.map(bytes -> new String(bytes, StandardCharsets.UTF_8)).orElse(otherwise);
      tree.file(target, 0644, text.replace("root:*:", "root:x:"));
    }
  }

  private void whereMissing(String path, String text) throws IOException {
    if (tree.find(path).isEmpty()) {
      tree.file(path, 0644, text);
    }
  }

  private void choose(String name, List<String> programs) throws IOException {
    for (String program : programs) {
      if (tree.find(PROGRAMS + program).isPresent()) {
        tree.linkWhereFree(PROGRAMS + name, program);
        return;
      }
    }
  }

  /** Programs that no package brought are busybox's, where it is there. */
  private void busyboxNames() throws IOException {
    Optional<byte[]> busybox = tree.read(PROGRAMS + "busybox");
    if (busybox.isPresent()) {
      for (String name : ENDINGS) {
        if (tree.find("usr/sbin/" + name).isEmpty()) {
          tree.file("usr/sbin/" + name, 0755, ENDING.formatted(name));
        }
      }
      for (String name : BusyboxNames.in(busybox.get())) {
        if (tree.find("usr/sbin/" + name).isEmpty()) {
          tree.linkWhereFree(PROGRAMS + name, "busybox");
        }
      }
    }
  }

  private void certificates() throws IOException {
    ByteArrayOutputStream bundle = new ByteArrayOutputStream();
    if (tree.resolve(CERTIFICATES).orElse(null) instanceof Node.Directory directory) {
      collect(directory, bundle);
    }
    if (bundle.size() > 0) {
      tree.file(BUNDLE, 0644, bundle.toByteArray());
      tree.linkWhereFree("usr/lib/ssl/cert.pem", "/" + BUNDLE);
    }
  }

  private void collect(Node.Directory directory, ByteArrayOutputStream bundle) throws IOException {
    for (Map.Entry<String, Node> entry : directory.entries().entrySet()) {
      if (entry.getValue() instanceof Node.Directory below) {
        collect(below, bundle);
      } else if (entry.getKey().endsWith(".crt")
          && entry.getValue() instanceof Node.RegularFile file) {
        bundle.writeBytes(tree.spool().readAll(file.content()));
      }
    }
  }
}
