package dev.ringzero.cli.run;

import dev.ringzero.control.process.RzProcess;
import dev.ringzero.control.run.RunRequest;
import dev.ringzero.images.DefaultGuest;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.Progress;
import dev.ringzero.vmm.machine.KeptTranslations;
import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Translated code that is kept in the user's cache: by kernel, and by what RingZero this is, which
 * only a jar can tell. The first run of a kernel notes what it translates, and a process that stays
 * behind for a second or two makes the file of it.
 */
final class TranslationFiles {
  /** What the process that stays behind is told to do. */
  static final String BUILD = "keep-translations";

  private static final String DIRECTORY = "translations";

  /** Where the jars lie that the first one names, and which of them are RingZero. */
  private static final String PARTS = "lib";

  private static final String OUR_PARTS = "ringzero-*.jar";
  private static final String LOWEST_PRIORITY = "nice";

  private TranslationFiles() {}

  /** Lets the machine that is made next use what is kept. */
  static void use(RunRequest request, ImageCache cache, Progress progress) {
    try {
      Optional<String> ours = identityOfThis();
      if (ours.isPresent()) {
        Path kernel =
            request
                .kernel()
                .orElseGet(() -> DefaultGuest.kernel(request.usualKernel(), cache, progress));
        KeptTranslations.use(cache.path(DIRECTORY), ours.get() + identity(kernel));
      }
    } catch (IOException e) {
      // Then all is translated.
    }
  }

  /** After a run: lets be kept what it translated, if nothing is yet. */
  static void keep() {
    try {
      Optional<Path> noted = KeptTranslations.note();
      if (noted.isPresent()) {
        List<String> command = new ArrayList<>(List.of(LOWEST_PRIORITY));
        command.addAll(RzProcess.command(List.of(BUILD, noted.get().toString())));
        new ProcessBuilder(command)
            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
      }
    } catch (IOException e) {
      // It is only for speed, and the next run tries again.
    }
  }

  private static Optional<String> identityOfThis() throws IOException {
    Set<String> identities = new TreeSet<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path jar = Path.of(entry);
      if (!Files.isRegularFile(jar)) {
        return Optional.empty();
      }
      identities.add(identity(jar));
      Path parts = jar.resolveSibling(PARTS);
      if (Files.isDirectory(parts)) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(parts, OUR_PARTS)) {
          for (Path part : files) {
            identities.add(identity(part));
          }
        }
      }
    }
    return Optional.of(String.join("", identities));
  }

  private static String identity(Path file) throws IOException {
    return file.toAbsolutePath()
        + " "
        + Files.size(file)
        + " "
        + Files.getLastModifiedTime(file).toMillis()
        + "\n";
  }
}
