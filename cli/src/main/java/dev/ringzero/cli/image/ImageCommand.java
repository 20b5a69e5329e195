package dev.ringzero.cli.image;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Command;
import dev.ringzero.cli.command.Nearest;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.images.store.ImageStore;
import dev.ringzero.images.store.StoredImage;
import java.util.List;
import java.util.Optional;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;

/** {@code rz image}. */
public final class ImageCommand implements Command {
  private static final int MOST_OPERANDS = 2;
  private static final List<String> VERBS = List.of("build", "ls", "show", "rm", "reset");

  @Override
  public String name() {
    return "image";
  }

  @Override
  public String summary() {
    return "make root file systems from Debian's packages, list and remove them";
  }

  @Override
  public String operands() {
    return "build | ls | show NAME | rm NAME | reset NAME";
  }

  @Override
  public int maximumOperands() {
    return MOST_OPERANDS;
  }

  @Override
  public Options options() {
    return new OptionTable()
        .value("packages", "LIST", "build: packages, with commas between them")
        .value("o", "output", "FILE", "build: the file, .img, .qcow2, .cpio or .cpio.gz")
        .value("name", "NAME", "build: the name for rz run --image (from the file's name)")
        .value("size", "SIZE", "build: of the disk (the content and 512 MiB)")
        .value("base", "KIND", "build: small, essential or none, besides the packages (small)")
        .flag("replace", "build: instead of an image or a file that is there")
        .flag("names", "ls: names only")
        .flag("json", "build, ls and show: as JSON")
        .options();
  }

  @Override
  public String notes() {
    return """

    build fetches packages and what they need through the machine's package manager (download
    only, checksums checked), unpacks them without root, and writes an ext4 file system. Scripts
    of packages do not run; docs/guide/images.md says what that means.
    rm keeps a file that build -o made, and forgets its name. reset drops what was changed with
    rz run --image NAME,persistent.
    """;
  }

  @Override
  public int run(CommandLine line) {
    List<String> words = line.getArgList();
    if (words.isEmpty()) {
      throw new UsageException("image " + operands() + " (see rz help image)");
    }
    String verb = words.getFirst();
    refuseOptionsOfOthers(line, verb);
    ImageStore store = ImageStore.ofUser();
    return switch (verb) {
      case "build" -> new BuildAction(line, store).run(words);
      case "ls" -> list(store, words, line);
      case "show" -> show(known(store, words), line.hasOption("json"));
      case "rm" -> remove(store, known(store, words));
      case "reset" -> reset(store, known(store, words));
      default ->
          throw new UsageException(
              "image "
                  + verb
                  + "? Known: "
                  + String.join(", ", VERBS)
                  + Nearest.to(verb, VERBS).map(near -> "; did you mean " + near + "?").orElse(""));
    };
  }

  private static void refuseOptionsOfOthers(CommandLine line, String verb) {
    for (Option option : line.getOptions()) {
      boolean fits =
          switch (option.getLongOpt()) {
            case "json" -> List.of("build", "ls", "show").contains(verb);
            case "names" -> verb.equals("ls");
            default -> verb.equals("build");
          };
      if (VERBS.contains(verb) && !fits) {
        throw new UsageException("--" + option.getLongOpt() + " does not go with image " + verb);
      }
    }
  }

  private static int list(ImageStore store, List<String> words, CommandLine line) {
    if (words.size() > 1) {
      throw new UsageException("unexpected: " + words.get(1) + " (see rz help image)");
    }
    List<StoredImage> images = store.list();
    if (line.hasOption("names")) {
      images.forEach(image -> System.out.println(image.name()));
    } else if (line.hasOption("json")) {
      images.forEach(image -> System.out.println(Json.write(ImageTable.map(image))));
    } else {
      System.out.print(ImageTable.list(images));
    }
    return ExitStatus.OK;
  }

  private static int show(StoredImage image, boolean json) {
    System.out.print(json ? Json.write(ImageTable.map(image)) + "\n" : ImageTable.text(image));
    return ExitStatus.OK;
  }

  private static int remove(ImageStore store, StoredImage image) {
    store.remove(image);
    if (!store.owns(image)) {
      System.out.println("the file stays: " + image.disk());
    }
    return ExitStatus.OK;
  }

  private static int reset(ImageStore store, StoredImage image) {
    store.reset(image);
    return ExitStatus.OK;
  }

  private static StoredImage known(ImageStore store, List<String> words) {
    if (words.size() < 2) {
      throw new UsageException("which image? " + names(store));
    }
    String name = words.get(1);
    Optional<StoredImage> image = store.find(name);
    return image.orElseThrow(
        () -> new UsageException("no image named %s; there are: %s".formatted(name, names(store))));
  }

  private static String names(ImageStore store) {
    List<String> names = store.list().stream().map(StoredImage::name).toList();
    return names.isEmpty() ? "none (see rz help image)" : String.join(", ", names);
  }
}
