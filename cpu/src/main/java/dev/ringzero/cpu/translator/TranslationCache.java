package dev.ringzero.cpu.translator;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Translations that outlive the process. The first run of a guest notes what it translates; from
 * that a {@link TranslationArchive} is made aside, which later runs take blocks from.
 */
public final class TranslationCache {
  /** At most so many archives are kept in a directory. */
  private static final int MOST_ARCHIVES = 3;

  private static final String ARCHIVE = ".blocks";
  private static final String PROFILE = ".profile";

  private static volatile Optional<TranslationCache> used = Optional.empty();

  private final Path directory;
  private final String guest;
  private Path archivePath;
  private TranslationProfile profile;

  TranslationCache(Path directory, String guest) {
    this.directory = directory;
    this.guest = guest;
  }

  /**
   * Lets what this process translates from now on come from the files of a directory, which may be
   * missing.
   *
   * @param guest what is translated, and by whom: something else for each kernel and version
   */
  public static void use(Path directory, String guest) {
    used = Optional.of(new TranslationCache(directory, guest));
  }

  /** What the code of a store is taken from, where it is not translated. */
  static Optional<TranslationCache> used() {
    return used;
  }

  /**
   * The archive for a store, if there is one; else what is translated is noted.
   *
   * @param counted whether the code counts what it runs
   * @param stubs the code that blocks refer to
   */
  synchronized Optional<TranslationArchive> open(
      Set<String> hostFeatures, boolean counted, byte[] stubs) {
    String identity =
        "%s%n%s%n%s %x".formatted(guest, new TreeSet<>(hostFeatures), counted, hash(stubs));
    String name = "%016x".formatted(hash(identity.getBytes(StandardCharsets.UTF_8)));
    archivePath = directory.resolve(name + ARCHIVE);
    Optional<TranslationArchive> archive = TranslationArchive.open(archivePath, identity);
    if (archive.isEmpty() && profile == null) {
      profile = new TranslationProfile(identity, counted);
    }
    return archive;
  }

  /** Where to note what is translated, or null. */
  synchronized TranslationProfile profile() {
    return profile;
  }

  /**
   * Writes down what was translated, where there is no archive yet.
   *
   * @return what {@link #build} makes the archive from
   */
  public static Optional<Path> note() throws IOException {
    TranslationCache cache = used.orElse(null);
    return cache == null ? Optional.empty() : cache.writeProfile();
  }

  /** As {@link #note}. */
  synchronized Optional<Path> writeProfile() throws IOException {
    if (profile == null || profile.entries().isEmpty()) {
      return Optional.empty();
    }
    Files.createDirectories(directory);
    Path unfinished = Files.createTempFile(directory, "", ".new");
    Path path = directory.resolve(archivePath.getFileName() + PROFILE);
    try {
      profile.write(unfinished);
      Files.move(unfinished, path, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(unfinished);
    }
    profile = null;
    return Optional.of(path);
  }

  /** Makes an archive from what {@link #note} gave, which goes. */
  public static void build(Path noted) throws IOException {
    try {
      TranslationProfile profile = TranslationProfile.read(noted);
      String name = noted.getFileName().toString();
      Path path = noted.resolveSibling(name.substring(0, name.length() - PROFILE.length()));
      BlockArchiver archiver =
          new BlockArchiver(new Ordinary(HostFeatures.read()), profile.counted);
      List<ArchivedBlock> blocks = new ArrayList<>();
      Set<List<Object>> known = new HashSet<>();
      for (TranslationProfile.Entry entry : profile.entries()) {
        archiver
            .archive(entry.page(), entry.mode(), entry.linear(), entry.offset())
            .filter(block -> known.add(identity(block)))
            .ifPresent(blocks::add);
      }
      TranslationArchive.write(path, profile.identity, blocks);
      dropOld(path.getParent());
    } finally {
      Files.deleteIfExists(noted);
    }
  }

  /** What two blocks have in common where one of them is enough. */
  private static List<Object> identity(ArchivedBlock block) {
    long where = block.linear() < 0 ? block.linear() : 0;
    return List.of(block.mode(), where, block.offset(), hash(block.guest()));
  }

  private static void dropOld(Path directory) throws IOException {
    List<Path> archives;
    try (Stream<Path> files = Files.list(directory)) {
      archives =
          files
              .filter(file -> file.toString().endsWith(ARCHIVE))
              .sorted(Comparator.comparing((Path file) -> file.toFile().lastModified()).reversed())
              .toList();
    }
    for (Path old : archives.subList(Math.min(MOST_ARCHIVES, archives.size()), archives.size())) {
      Files.deleteIfExists(old);
    }
  }

  private static long hash(byte[] bytes) {
    long hash = 0xCBF2_9CE4_8422_2325L;
    for (byte each : bytes) {
      hash = (hash ^ each & 0xFF) * 0x100_0000_01B3L;
    }
    return hash;
  }
}
