package dev.ringzero.images.debian;

import dev.ringzero.images.HostFileTrouble;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.Progress;
import dev.ringzero.images.debian.Command.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * This machine's package manager as a source of files: it finds and downloads packages and never
 * installs one. It needs no root: where the machine's package lists are missing or too old, lists
 * of our own are fetched into a directory of the user's.
 */
public final class Apt {
  /** So that a version that came from elsewhere, and can no more be fetched, hides none. */
  private static final String NOTHING_INSTALLED = "--option=Dir::State::status=/dev/null";

  private static final Pattern DEPENDENCY =
      Pattern.compile("^Depends: (?:.*, )?(linux-image-[^ ,(]+)", Pattern.MULTILINE);
  private static final long POLL_MILLIS = 100;

  private final Path directory;
  private final Progress progress;
  private List<String> lists = List.of();

  /**
   * Prepares to use the package manager.
   *
   * @param directory of the user's, for package lists where the machine has none
   */
  public Apt(Path directory, Progress progress) {
    this.directory = directory;
    this.progress = progress;
  }

  /**
   * Fetches a package and checks its SHA-256.
   *
   * @param into a directory for the file
   */
  public Path fetch(String packageName, Path into) {
    PackageSource source = find(packageName);
    try {
      return download(packageName, source, into);
    } catch (ImageException e) {
      if (!lists.isEmpty() || !AptTrouble.mayBeOldLists(e)) {
        throw e;
      }
      // The machine's lists may name a file that is gone by now.
      updateOwnLists(packageName);
      return download(packageName, find(packageName), into);
    }
  }

  /**
   * Everything that can be fetched.
   *
   * @throws ImageException if that is nothing
   */
  public PackageIndex index() {
    PackageIndex index = availablePackages();
    if (index.isEmpty() && refresh()) {
      index = availablePackages();
    }
    if (index.isEmpty()) {
      throw new ImageException(
          "the package manager of this machine knows no packages; see apt-get update");
    }
    return index;
  }

  private PackageIndex availablePackages() {
    progress.at("reading package lists");
    try {
      return Command.read(
          directory, command("apt-cache", NOTHING_INSTALLED, "dumpavail"), PackageIndex::read);
    } catch (IOException e) {
      throw missing("apt-cache", e);
    }
  }

  /**
   * Turns to lists of our own, which are as new as can be.
   *
   * @return false if that has been done before
   */
  public boolean refresh() {
    boolean stale = lists.isEmpty();
    updateOwnLists("packages");
    return stale;
  }

  /** Fetches packages of the {@link #index}; whoever takes the files has to check them. */
  public void fetch(List<DebianPackage> packages, Path into) {
    if (packages.isEmpty()) {
      return;
    }
    List<String> command = new ArrayList<>(List.of("apt-get", "-q", "download"));
    long totalBytes = 0;
    for (DebianPackage one : packages) {
      command.add(one.name() + "=" + one.version());
      totalBytes += one.sizeBytes();
    }
    String what = packages.size() == 1 ? packages.getFirst().name() : packages.size() + " packages";
    Result result = watched("fetching " + what, into, totalBytes, command.toArray(String[]::new));
    if (!result.succeeded()) {
      throw AptTrouble.of(what, result);
    }
  }

  /** The kernel package that a meta package stands for today. */
  public String kernelBehind(String metaPackage) {
    return dependency(metaPackage)
        .or(() -> {
          updateOwnLists(metaPackage);
          return dependency(metaPackage);
        })
        .orElseThrow(() -> unknown(metaPackage));
  }

  private Optional<String> dependency(String metaPackage) {
    Result shown = run("apt-cache", "show", "--no-all-versions", metaPackage);
    Matcher matcher = DEPENDENCY.matcher(shown.output());
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  private PackageSource find(String packageName) {
    return source(packageName)
        .or(() -> {
          updateOwnLists(packageName);
          return source(packageName);
        })
        .orElseThrow(() -> unknown(packageName));
  }

  private Optional<PackageSource> source(String packageName) {
    Result uris = run("apt-get", "--print-uris", "download", packageName);
    return uris.output()
        .lines()
        .filter(line -> line.startsWith("'"))
        .map(PackageSource::parse)
        .findFirst();
  }

  private static ImageException unknown(String packageName) {
    return new ImageException(
        "the package sources of this machine have no package "
            + packageName
            + "; give a kernel with --kernel");
  }

  private void updateOwnLists(String packageName) {
    if (!lists.isEmpty()) {
      return;
    }
    progress.at("fetching package lists");
    lists = ownLists();
    Result update = run("apt-get", "-q", "update");
    AptTrouble.ofHost(packageName, update)
        .ifPresent(trouble -> {
          throw trouble;
        });
  }

  private List<String> ownLists() {
    Path state = directory.resolve("state");
    Path cache = directory.resolve("cache");
    Path status = state.resolve("status");
    try {
      Files.createDirectories(state.resolve("lists/partial"));
      Files.createDirectories(cache.resolve("archives/partial"));
      Files.write(status, new byte[0]);
    } catch (IOException e) {
      throw new ImageException("cannot write " + directory + ": " + HostFileTrouble.reason(e), e);
    }
    return List.of(
        "-o", "Dir::State=" + state,
        "-o", "Dir::State::status=" + status,
        "-o", "Dir::Cache=" + cache,
        "-o", "Acquire::Languages=none");
  }

  private Path download(String packageName, PackageSource source, Path into) {
    Path file = into.resolve(source.fileName()).normalize();
    if (!into.equals(file.getParent())) {
      throw new ImageException("apt-get names an odd file: " + source.fileName());
    }
    Result result =
        watched(
            "fetching " + packageName,
            into,
            source.sizeBytes(),
            "apt-get",
            "-q",
            "download",
            packageName);
    if (!result.succeeded()) {
      throw AptTrouble.of(packageName, result);
    }
    Sha256.check(file, source.sha256());
    return file;
  }

  private Result watched(String step, Path into, long totalBytes, String... command) {
    progress.at(step, 0, totalBytes);
    Thread watcher = Thread.ofVirtual().start(() -> watch(step, into, totalBytes));
    try {
      return run(into, command);
    } finally {
      watcher.interrupt();
      progress.at(step, totalBytes, totalBytes);
    }
  }

  private void watch(String step, Path into, long totalBytes) {
    try {
      while (true) {
        Thread.sleep(POLL_MILLIS);
        progress.at(step, Math.min(totalBytes, fetchedBytes(into)), totalBytes);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A file grows under another name until it is whole. */
  private static long fetchedBytes(Path into) {
    try (Stream<Path> files = Files.list(into)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException e) {
      return 0;
    }
  }

  private Result run(String... command) {
    return run(directory, command);
  }

  private Result run(Path in, String... command) {
    try {
      return Command.run(in, command(command));
    } catch (IOException e) {
      throw missing(command[0], e);
    }
  }

  private static ImageException missing(String program, IOException cause) {
    return new ImageException(
        "no "
            + program
            + " on this machine to fetch packages with; rz run also takes --kernel and --initrd",
        cause);
  }

  private List<String> command(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(1, lists);
    all.addAll(
        1,
        List.of(
            "-o", "APT::Architecture=amd64",
            "-o", "APT::Architectures=amd64",
            "-o", "APT::Sandbox::User="));
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new ImageException("cannot write " + directory + ": " + HostFileTrouble.reason(e), e);
    }
    return all;
  }
}
