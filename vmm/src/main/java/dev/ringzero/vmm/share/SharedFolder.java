package dev.ringzero.vmm.share;

import dev.ringzero.devices.virtio.fs.FileServer;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A folder of the host, served to a guest. No name that a guest gives leads out of it: each is one
 * entry of a directory that was reached in the same way, and symbolic links are never followed on
 * the host; the guest follows them in its own tree.
 */
public final class SharedFolder implements FileServer, AutoCloseable {
  private static final int MOST_OPEN_INODES = 8192;
  private static final int MOST_HANDLES = 4096;
  private static final int DESCRIPTORS_FOR_OTHERS = 512;
  private static final int LEAST_DESCRIPTORS = 64;
  private static final String DESCRIPTOR_LIMIT = "Max open files";

  final boolean readOnly;
  final Ownership ownership;
  final InodeTable inodes;
  final HandleTable handles;

  /** What the driver said in INIT, 0 before it. */
  final AtomicInteger minorVersion = new AtomicInteger();

  /**
   * Opens a folder.
   *
   * @param shares how many folders this machine shares, which divide what the host lets us open
   * @throws IOException with a reason for the user
   */
  public SharedFolder(Path folder, boolean readOnly, int shares) throws IOException {
    if (!HostFiles.areAllowed()) {
      throw new IOException("sharing needs Linux on x86-64");
    }
    if (!Files.isDirectory(folder)) {
      throw new IOException(Files.exists(folder) ? "not a folder" : "no such folder");
    }
    this.readOnly = readOnly;
    HostFiles host = new HostFiles();
    int flags = OpenFlag.O_PATH | OpenFlag.O_DIRECTORY | OpenFlag.O_CLOEXEC;
    int root = host.open(folder.toAbsolutePath().toString(), flags);
    if (root < 0) {
      throw new IOException("error " + -root + " of the host");
    }
    if (KernelFiles.hold(host, root)) {
      host.close(root);
      throw new IOException("files of the host's kernel cannot be shared");
    }
    ownership = new Ownership(host.effectiveUser(), host.effectiveGroup());
    int share = Math.max(LEAST_DESCRIPTORS, (descriptors() - DESCRIPTORS_FOR_OTHERS) / shares);
    inodes = new InodeTable(root, Math.min(MOST_OPEN_INODES, share / 3));
    handles = new HandleTable(Math.min(MOST_HANDLES, share / 3));
  }

  /** How many files this process may have open. */
  private static int descriptors() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/limits")).stream()
        .filter(line -> line.startsWith(DESCRIPTOR_LIMIT))
        .map(line -> line.substring(DESCRIPTOR_LIMIT.length()).strip().split(" ")[0])
        .map(limit -> limit.equals("unlimited") ? Integer.MAX_VALUE : Integer.parseInt(limit))
        .findFirst()
        .orElse(0);
  }

  @Override
  public Worker newWorker() {
    return new FolderWorker(this);
  }

  @Override
  public void reset() {
    minorVersion.set(0);
    handles.clear();
    inodes.clear();
  }

  @Override
  public void save(StateWriter out) {
    out.writeInt(minorVersion.get());
    inodes.save(out);
    handles.save(out);
  }

  @Override
  public void restore(StateReader in) {
    reset();
    minorVersion.set(in.readInt());
    inodes.restore(in);
    handles.restore(in, inodes);
  }

  /** Closes all files. Nothing is being served, and nothing will be. */
  @Override
  public void close() {
    handles.clear();
    inodes.close();
  }
}
