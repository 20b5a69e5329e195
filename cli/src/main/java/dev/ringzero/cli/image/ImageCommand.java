package dev.ringzero.cli.image;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Command;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.cli.command.Verbs;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.images.store.ImageStore;
import dev.ringzero.images.store.StoredImage;
import java.util.List;
import java.util.Optional;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code rz image}. */
public final class ImageCommand implements Command {
  private static final Verbs VERBS =
      new Verbs("image")
          .add("build", "packages", "output", "name", "size", "base", "replace", "json")
          .add("ls", "names", "json")
          .add("show NAME", "json")
          .add("rm NAME")
          .add("reset NAME");

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
    return VERBS.operands();
  }

  @Override
  public int maximumOperands() {
    return VERBS.maximumOperands();
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
    ImageStore store = ImageStore.ofUser();
    List<String> words = line.getArgList();
    return switch (VERBS.of(line)) {
      case "build" -> new BuildAction(line, store).run();
      case "ls" -> list(store, line);
      case "show" -> show(known(store, words.get(1)), line.hasOption("json"));
      case "rm" -> remove(store, known(store, words.get(1)));
      default -> reset(store, known(store, words.get(1)));
    };
  }

  private static int list(ImageStore store, CommandLine line) {
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

  private static StoredImage known(ImageStore store, String name) {
    Optional<StoredImage> image = store.find(name);
    return image.orElseThrow(
        () -> new UsageException("no image named %s; there are: %s".formatted(name, names(store))));
  }

  private static String names(ImageStore store) {
    List<String> names = store.list().stream().map(StoredImage::name).toList();
    return names.isEmpty() ? "none (see rz help image)" : String.join(", ", names);
  }
}
