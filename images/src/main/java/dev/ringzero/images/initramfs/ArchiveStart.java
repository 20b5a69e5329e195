package dev.ringzero.images.initramfs;

import dev.ringzero.images.root.Attributes;
import dev.ringzero.images.root.RootTree;
import java.io.IOException;

/** What makes a tree start by itself when a kernel has unpacked it into memory. */
public final class ArchiveStart {
  private static final String BUSYBOX = "usr/bin/busybox";

  private ArchiveStart() {}

  /** Adds it, if the tree has the busybox that it needs. */
  public static void add(RootTree tree, String hostname) throws IOException {
    if (tree.read(BUSYBOX).isPresent()) {
      tree.directory("rz", Attributes.ofRoot(0755));
      tree.file("init", 0755, Scripts.text("archive-init.sh"));
      tree.file("rz/start", 0755, Scripts.text("root-start.sh"));
      tree.file("rz/links", 0644, Scripts.text("links.sh"));
      tree.file("rz/dhcp", 0755, Scripts.text("root-dhcp.sh"));
      tree.file("rz/hostname", 0644, hostname + "\n");
    }
  }
}
