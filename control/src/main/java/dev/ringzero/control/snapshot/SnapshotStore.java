package dev.ringzero.control.snapshot;

import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.images.HostFileTrouble;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The snapshots of a user. Each is a file that describes it and a folder that this file names; it
 * is there, whole, from the moment at which that file appears under its name. A folder that no file
 * names is of a save that goes on, and locked, or of one that did not come to its end, and cleared
 * away by the next.
 */
public final class SnapshotStore {
  static final String FILE = ".snapshot";
  static final String FOLDER = ".files";
  private static final String LOCK = ".lock";
  private static final Object IN_PROCESS = new Object();

  private final Path directory;

  public SnapshotStore(Path directory) {
    this.directory = directory;
  }

  /** The store in {@code $XDG_DATA_HOME/ringzero/snapshots}, or below {@code ~/.local/share}. */
  public static SnapshotStore ofUser() {
    String data = System.getenv("XDG_DATA_HOME");
    Path base = data != null && !data.isBlank() ? Path.of(data) : home().resolve(".local/share");
    return new SnapshotStore(base.resolve("ringzero/snapshots"));
  }

  private static Path home() {
    String home = System.getenv("HOME");
    return Path.of(home != null && !home.isBlank() ? home : System.getProperty("user.home"));
  }

  public Path directory() {
    return directory;
  }

  /** Names of all snapshots, in order, of damaged ones too. */
  public List<String> names() {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(FILE))
          .map(name -> name.substring(0, name.length() - FILE.length()))
          .filter(ControlDirectory::isName)
          .sorted()
          .toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new SnapshotException("cannot read " + directory + ": " + HostFileTrouble.reason(e), e);
    }
  }

  /** Whether there is a snapshot of that name, damaged or not. */
  public boolean has(String name) {
    return ControlDirectory.isName(name) && Files.exists(file(name));
  }

  /**
   * The snapshot of that name.
   *
   * @throws SnapshotException if there is none, or it is damaged
   */
  public StoredSnapshot get(String name) {
    if (!has(name)) {
      String known = String.join(", ", names());
      throw new SnapshotException(
          "no snapshot named %s; %s"
              .formatted(name, known.isEmpty() ? "there is none" : "there are: " + known));
    }
    try {
      return StoredSnapshot.read(name, file(name));
    } catch (SnapshotException e) {
      throw new SnapshotException("snapshot " + name + ": " + e.getMessage(), e);
    }
  }

  private Path file(String name) {
    return directory.resolve(name + FILE);
  }

  /** Takes a snapshot away. Machines that were made of it go on. */
  public void remove(String name) {
    locked(() -> {
      Files.deleteIfExists(file(name));
      clearLeftovers();
    });
  }

  /** A folder that is being filled; nobody clears it away until it is closed. */
  final class Place implements AutoCloseable {
    private final Path folder;
    private final FileChannel lock;
    private boolean kept;

    private Place(Path folder, FileChannel lock) {
      this.folder = folder;
      this.lock = lock;
    }

    Path folder() {
      return folder;
    }

    /** Makes the snapshot known, in place of the one of that name, if there is one. */
    void publish(String name, byte[] file) throws IOException {
      force(folder);
      Path unfinished = Files.createTempFile(directory, ".", ".new");
      Files.write(unfinished, file);
      force(unfinished);
      locked(() -> {
        Files.move(
            unfinished,
            file(name),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
        force(directory);
        kept = true;
        clearLeftovers();
      });
    }

    @Override
    public void close() throws IOException {
      lock.close();
      if (!kept) {
        deleteAll(folder);
      }
    }
  }

  /** Makes a folder for a snapshot. */
  Place newPlace(String name) {
    Place[] place = new Place[1];
    locked(() -> {
      clearLeftovers();
      Path folder =
          Files.createTempDirectory(
              directory,
              "new",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Path named =
          directory.resolve(name + "-" + folder.getFileName().toString().substring(3) + FOLDER);
      Files.move(folder, named);
      FileChannel lock =
          FileChannel.open(
              named.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      lock.lock();
      place[0] = new Place(named, lock);
    });
    return place[0];
  }

  private static void force(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private void clearLeftovers() throws IOException {
    Set<Path> known = new HashSet<>();
    for (String name : names()) {
      try {
        known.add(StoredSnapshot.read(name, file(name)).folder());
      } catch (SnapshotException e) {
        // What belongs to a damaged one is not known: nothing of that name goes.
        known.addAll(foldersOf(name));
      }
    }
    try (Stream<Path> files = Files.list(directory)) {
      for (Path path : files.toList()) {
        String name = path.getFileName().toString();
        if (name.endsWith(FOLDER) && !known.contains(path) && !isLocked(path)) {
          deleteAll(path);
        }
      }
    }
  }

  private List<Path> foldersOf(String name) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(path -> path.getFileName().toString().startsWith(name + "-")).toList();
    }
  }

  private static boolean isLocked(Path folder) throws IOException {
    try (FileChannel channel =
            FileChannel.open(
                folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock == null;
    } catch (OverlappingFileLockException e) {
      return true;
    }
  }

  private static void deleteAll(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
    } catch (NoSuchFileException e) {
      return;
    }
    Files.deleteIfExists(folder);
  }

  private interface Action {
    void run() throws IOException;
  }

  /** One process at a time changes the store. */
  private void locked(Action action) {
    synchronized (IN_PROCESS) {
      try {
        Files.createDirectories(directory);
        try (FileChannel channel =
                FileChannel.open(
                    directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = channel.lock()) {
          action.run();
        }
      } catch (IOException e) {
        throw unwritable(e);
      }
    }
  }

  SnapshotException unwritable(IOException e) {
    return new SnapshotException(
        "cannot write %s: %s; set XDG_DATA_HOME to another place"
            .formatted(directory, HostFileTrouble.reason(e)),
        e);
  }
}
