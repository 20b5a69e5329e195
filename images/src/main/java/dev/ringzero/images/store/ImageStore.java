package dev.ringzero.images.store;

import dev.ringzero.images.HostFileTrouble;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.disk.DiskImages;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The images of a user. Each is a small file that describes it and a disk that this file names; it
 * is there from the moment at which that file appears, whole, under its name. What a build that did
 * not come to its end left behind is cleared away by the next one.
 */
public final class ImageStore {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,39}");
  private static final String DESCRIPTION = ".image";
  private static final String CHANGES = ".changes.qcow2";
  private static final String DISK = ".img";
  private static final String LOCK = ".lock";
  private static final Object IN_PROCESS = new Object();

  private final Path directory;

  public ImageStore(Path directory) {
    this.directory = directory;
  }

  /** The store in {@code $XDG_DATA_HOME/ringzero/images}, or below {@code ~/.local/share}. */
  public static ImageStore ofUser() {
    String data = System.getenv("XDG_DATA_HOME");
    Path base = data != null && !data.isBlank() ? Path.of(data) : home().resolve(".local/share");
    return new ImageStore(base.resolve("ringzero/images"));
  }

  private static Path home() {
    String home = System.getenv("HOME");
    return Path.of(home != null && !home.isBlank() ? home : System.getProperty("user.home"));
  }

  /** Whether an image can be called so. */
  public static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  /** The file that keeps what a guest changed in an image on purpose. */
  public static Path changes(Path disk) {
    return disk.resolveSibling(disk.getFileName() + CHANGES);
  }

  /** All images, by name. */
  public List<StoredImage> list() {
    List<StoredImage> images = new ArrayList<>();
    for (Path description : descriptions()) {
      read(description).ifPresent(images::add);
    }
    return List.copyOf(images);
  }

  /** The image of that name. */
  public Optional<StoredImage> find(String name) {
    return isName(name) ? read(directory.resolve(name + DESCRIPTION)) : Optional.empty();
  }

  private List<Path> descriptions() {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(DESCRIPTION)).sorted().toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new ImageException("cannot read " + directory + ": " + HostFileTrouble.reason(e), e);
    }
  }

  private static Optional<StoredImage> read(Path description) {
    try {
      return Optional.of(StoredImage.parse(Files.readString(description)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new ImageException(
          "the description %s cannot be read (%s); delete it, and build the image again"
              .formatted(description, e.getMessage()),
          e);
    }
  }

  /** Prepares a place in which to build a disk for the store. */
  public BuildPlace newPlace() {
    locked(this::clearLeftovers);
    try {
      return BuildPlace.in(directory);
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  /**
   * Takes a disk that was built at a {@link #newPlace} into the store, and makes it known; an image
   * of that name is replaced.
   */
  public StoredImage take(Path built, StoredImage image) {
    StoredImage[] taken = new StoredImage[1];
    locked(() -> {
      Path disk = Files.createTempFile(directory, image.name() + "-", DISK);
      Files.move(built, disk, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      taken[0] = image.at(disk);
      describe(taken[0]);
    });
    return taken[0];
  }

  /** Makes a disk known that stays where the user wanted it. */
  public void add(StoredImage image) {
    locked(() -> describe(image));
  }

  private void describe(StoredImage image) throws IOException {
    Optional<StoredImage> former = find(image.name());
    Path unfinished = Files.createTempFile(directory, ".", ".new");
    Files.writeString(unfinished, image.text());
    try (FileChannel channel = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(
        unfinished,
        directory.resolve(image.name() + DESCRIPTION),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    if (former.isPresent() && !former.get().disk().equals(image.disk())) {
      deleteDisk(former.get());
    }
  }

  /**
   * Takes an image away, with its disk if that lies in the store.
   *
   * @throws ImageException if a machine uses it
   */
  public void remove(StoredImage image) {
    refuseIfUsed(image);
    locked(() -> {
      Files.deleteIfExists(directory.resolve(image.name() + DESCRIPTION));
      deleteDisk(image);
    });
  }

  /** Forgets what guests changed in an image on purpose. */
  public void reset(StoredImage image) {
    reset(image.disk());
  }

  /** Forgets what guests changed on a disk on purpose: to another disk it would not fit. */
  public void reset(Path disk) {
    Path changes = changes(disk);
    if (Files.exists(changes)) {
      closeAtOnce(changes, Optional.empty());
    }
    locked(() -> Files.deleteIfExists(changes));
  }

  /** Whether the disk lies in the store, and not where a user wanted it. */
  public boolean owns(StoredImage image) {
    return directory.equals(image.disk().getParent());
  }

  private void refuseIfUsed(StoredImage image) {
    if (Files.exists(image.disk())) {
      closeAtOnce(image.disk(), Optional.of(image));
    }
  }

  /** Whoever can have a disk for writing is its only user. */
  private static void closeAtOnce(Path disk, Optional<StoredImage> image) {
    try {
      DiskImages.open(disk, false, image.map(StoredImage::format)).close();
    } catch (IOException e) {
      throw new ImageException("cannot close " + disk + ": " + e.getMessage(), e);
    }
  }

  private void deleteDisk(StoredImage image) throws IOException {
    if (owns(image)) {
      Files.deleteIfExists(changes(image.disk()));
      Files.deleteIfExists(image.disk());
    }
  }

  /** Deletes disks that no image names, and places where nobody builds any more. */
  private void clearLeftovers() throws IOException {
    Set<Path> known = new HashSet<>();
    for (StoredImage image : list()) {
      known.add(image.disk());
      known.add(changes(image.disk()));
    }
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if ((name.endsWith(DISK) || name.endsWith(CHANGES)) && !known.contains(file)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private interface Action {
    void run() throws IOException;
  }

  /** One process at a time changes the store. */
  private void locked(Action action) {
    synchronized (IN_PROCESS) {
      makeDirectory();
      try (FileChannel channel =
              FileChannel.open(
                  directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        action.run();
      } catch (IOException e) {
        throw unwritable(e);
      }
    }
  }

  private void makeDirectory() {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  private ImageException unwritable(IOException e) {
    return new ImageException(
        "cannot write "
            + directory
            + ": "
            + HostFileTrouble.reason(e)
            + "; set XDG_DATA_HOME to another place",
        e);
  }
}
