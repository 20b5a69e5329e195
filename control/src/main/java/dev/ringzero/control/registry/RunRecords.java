package dev.ringzero.control.registry;

import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.control.registry.VmState.Status;
import dev.ringzero.control.run.GuestRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A file for each machine that runs and is not kept. Its process takes it away at the machine's
 * end; one that stays tells that the process was killed.
 */
public final class RunRecords {
  private static final String SUFFIX = ".json";

  private final Path directory;

  public RunRecords(Path directory) {
    this.directory = directory;
  }

  /** A machine of this process runs; its state is told until {@link #end}. */
  public void begin(String name, GuestRun run) throws IOException {
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    file(name).writeLive(Status.RUNNING);
    run.onPause(() -> {
      try {
        file(name).writeLive(run.isPaused() ? Status.PAUSED : Status.RUNNING);
      } catch (IOException e) {
        // What was said last stays; the machine itself tells when it is asked.
      }
    });
  }

  /** It has ended. */
  public void end(String name) throws IOException {
    Files.deleteIfExists(path(name));
  }

  /** How they are, by their names; damaged files are none. */
  public Map<String, VmState> all() {
    Map<String, VmState> all = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(SUFFIX))
          .map(file -> file.substring(0, file.length() - SUFFIX.length()))
          .forEach(name -> find(name).ifPresent(state -> all.put(name, state)));
    } catch (IOException e) {
      // There are none.
    }
    return all;
  }

  /** How one is. */
  public Optional<VmState> find(String name) {
    try {
      return ControlDirectory.isName(name) ? Optional.of(file(name).read()) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Forgets one that was killed; false if there is none. */
  public boolean forget(String name) {
    try {
      return find(name).filter(state -> !state.status().isLive()).isPresent()
          && Files.deleteIfExists(path(name));
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw new RegistryException(
          RegistryException.Kind.FAILED, "cannot remove " + path(name) + ": " + e.getMessage(), e);
    }
  }

  private StateFile file(String name) {
    return new StateFile(path(name));
  }

  private Path path(String name) {
    return directory.resolve(name + SUFFIX);
  }
}
