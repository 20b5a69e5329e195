package dev.ringzero.control.registry;

import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.protocol.Json.MalformedJsonException;
import dev.ringzero.control.registry.RegistryException.Kind;
import dev.ringzero.control.registry.VmState.Status;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The machines of a user that are kept, each a directory. A machine is there, whole, from the
 * moment at which its directory appears under its name, and gone from the moment at which that
 * goes; directories with other names are of a creation or removal that did not come to its end, and
 * cleared away by the next.
 */
public final class Registry {
  static final String CONFIGURATION = "vm.json";
  static final String STATE = "state.json";
  static final String LOCK = "lock";
  private static final String BEGUN = ".begun-";
  private static final String GONE = ".gone-";
  private static final String CHANGES = ".changes";
  private static final Object IN_PROCESS = new Object();
  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private final Path directory;

  public Registry(Path directory) {
    this.directory = directory;
  }

  /** The registry in {@code $XDG_DATA_HOME/ringzero/vms}, or below {@code ~/.local/share}. */
  public static Registry ofUser() {
    return new Registry(UserData.directory().resolve("vms"));
  }

  public Path directory() {
    return directory;
  }

  /** Those that run and are not kept. */
  public RunRecords runs() {
    return new RunRecords(directory.resolveSibling("runs"));
  }

  /** Names of all machines, in order. */
  public List<String> names() {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(ControlDirectory::isName)
          .sorted()
          .toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw failed("cannot read " + directory, e);
    }
  }

  public boolean has(String name) {
    return ControlDirectory.isName(name)
        && Files.isDirectory(directory.resolve(name), LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * The machine of that name.
   *
   * @throws RegistryException if there is none, or its directory is damaged
   */
  public RegisteredVm get(String name) {
    return find(name).orElseThrow(() -> missing(name));
  }

  private RegistryException missing(String name) {
    return new RegistryException(Kind.MISSING, "no machine named %s is kept".formatted(name));
  }

  /** The machine of that name, if there is one. */
  public Optional<RegisteredVm> find(String name) {
    if (!has(name)) {
      return Optional.empty();
    }
    Path home = directory.resolve(name);
    try {
      return Optional.of(
          new RegisteredVm(
              name,
              home,
              VmConfiguration.of(Json.read(Files.readString(home.resolve(CONFIGURATION)))),
              new StateFile(home.resolve(STATE)).read()));
    } catch (NoSuchFileException e) {
      if (!has(name)) {
        return Optional.empty();
      }
      throw failed("machine " + name + " is damaged", e);
    } catch (IOException | MalformedJsonException | RegistryException e) {
      throw new RegistryException(
          Kind.FAILED, "machine %s is damaged: %s".formatted(name, e.getMessage()), e);
    }
  }

  /** Keeps a machine, which does not run yet. */
  public RegisteredVm create(String name, VmConfiguration configuration) {
    if (!ControlDirectory.isName(name)) {
      throw new RegistryException(
          Kind.WRONG,
          "a name has up to 40 letters, digits, dots, dashes and underscores, not " + name);
    }
    locked(() -> {
      Path begun = Files.createTempDirectory(directory, BEGUN, PRIVATE);
      try {
        Files.createFile(begun.resolve(LOCK));
        AtomicFile.write(begun.resolve(CONFIGURATION), Json.write(configuration.toMap()));
        new StateFile(begun.resolve(STATE)).write(Status.CREATED, "", "", Optional.empty());
        Files.move(begun, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        AtomicFile.force(directory);
      } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
        deleteAll(begun);
        throw new RegistryException(Kind.CONFLICT, "there is a machine named %s".formatted(name));
      } catch (IOException e) {
        deleteAll(begun);
        if (has(name)) {
          throw new RegistryException(Kind.CONFLICT, "there is a machine named " + name, e);
        }
        throw e;
      }
    });
    return get(name);
  }

  /** Changes the configuration of a machine that does not run. */
  public RegisteredVm configure(String name, VmConfiguration configuration) {
    try (VmLock lock = take(name)) {
      AtomicFile.write(
          directory.resolve(name).resolve(CONFIGURATION), Json.write(configuration.toMap()));
    } catch (IOException e) {
      throw failed("cannot change machine " + name, e);
    }
    return get(name);
  }

  /** Forgets a machine that does not run. */
  public void remove(String name) {
    try (VmLock lock = take(name)) {
      locked(() -> {
        Path gone = Files.createTempDirectory(directory, GONE, PRIVATE);
        Files.move(directory.resolve(name), gone, StandardCopyOption.ATOMIC_MOVE);
        AtomicFile.force(directory);
        deleteAll(gone);
      });
    } catch (IOException e) {
      throw failed("cannot remove machine " + name, e);
    }
  }

  /**
   * The right to run a machine, in this process; its state is {@link Status#STARTING}.
   *
   * @throws RegistryException if there is none, or it runs
   */
  public RunningVm run(String name) {
    VmLock lock = take(name);
    try {
      return new RunningVm(get(name), lock);
    } catch (IOException | RuntimeException e) {
      try {
        lock.close();
      } catch (IOException closing) {
        e.addSuppressed(closing);
      }
      if (e instanceof RegistryException told) {
        throw told;
      }
      throw failed("cannot write the state of machine " + name, new IOException(e));
    }
  }

  private VmLock take(String name) {
    try {
      if (!has(name)) {
        throw missing(name);
      }
      VmLock lock =
          VmLock.take(directory.resolve(name).resolve(LOCK))
              .orElseThrow(() -> has(name) ? busy(name) : missing(name));
      AtomicFile.clearUnfinished(directory.resolve(name));
      return lock;
    } catch (IOException e) {
      throw failed("cannot lock machine " + name, e);
    }
  }

  private static RegistryException busy(String name) {
    return new RegistryException(
        Kind.CONFLICT,
        "machine %s runs: rz stop %s or rz kill %s ends it".formatted(name, name, name));
  }

  private static RegistryException failed(String what, IOException why) {
    return new RegistryException(Kind.FAILED, what + ": " + why.getMessage(), why);
  }

  private void clearLeftovers() throws IOException {
    List<Path> leftovers = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      files
          .filter(file ->
              file.getFileName().toString().startsWith(BEGUN)
                  || file.getFileName().toString().startsWith(GONE))
          .forEach(leftovers::add);
    }
    for (Path leftover : leftovers) {
      deleteAll(leftover);
    }
  }

  /** Deletes a directory of files; links in it go, what they lead to stays. */
  private static void deleteAll(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (NoSuchFileException e) {
      // Somebody else was quicker.
    }
  }

  private interface Action {
    void run() throws IOException;
  }

  /** One process at a time makes and removes machines. */
  private void locked(Action action) {
    synchronized (IN_PROCESS) {
      try {
        Files.createDirectories(directory, PRIVATE);
        try (FileChannel channel =
                FileChannel.open(
                    directory.resolve(CHANGES),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE);
            FileLock lock = channel.lock()) {
          clearLeftovers();
          action.run();
        }
      } catch (IOException e) {
        throw failed("cannot write " + directory, e);
      }
    }
  }
}
