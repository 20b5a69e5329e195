package dev.ringzero.vmm.machine;

import dev.ringzero.cpu.translator.TranslationCache;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** What the translator made in earlier processes, for the machines of this one. */
public final class KeptTranslations {
  private KeptTranslations() {}

  /**
   * Lets machines that are made from now on use the files of a directory.
   *
   * @param guest something else for each guest and each version of RingZero
   */
  public static void use(Path directory, String guest) {
    TranslationCache.use(directory, guest);
  }

  /**
   * Notes what was translated, where nothing is kept yet of this guest.
   *
   * @return what {@link #build} works on
   */
  public static Optional<Path> note() throws IOException {
    return TranslationCache.note();
  }

  /** Makes the file that later processes use, from what {@link #note} gave. */
  public static void build(Path noted) throws IOException {
    TranslationCache.build(noted);
  }
}
