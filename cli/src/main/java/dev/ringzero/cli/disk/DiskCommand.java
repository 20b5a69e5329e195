package dev.ringzero.cli.disk;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Command;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.cli.command.Quantity;
import dev.ringzero.cli.command.Verbs;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.images.disk.DiskFormat;
import dev.ringzero.images.disk.DiskImages;
import dev.ringzero.images.disk.DiskReport;
import dev.ringzero.images.disk.qcow2.Qcow2Check;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code rz disk}. */
public final class DiskCommand implements Command {
  private static final Verbs VERBS =
      new Verbs("disk")
          .add("create FILE [SIZE]", "backing", "format")
          .add("info FILE", "json")
          .add("check FILE", "json");

  @Override
  public String name() {
    return "disk";
  }

  @Override
  public String summary() {
    return "make disk images, show what they are, check them";
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
        .value("backing", "FILE", "create: begin as this disk, and keep only what is changed")
        .value("format", "F", "create: raw or qcow2 (by the file's name)")
        .flag("json", "info and check: as one JSON object")
        .options();
  }

  @Override
  public String notes() {
    return """

    An overlay has the size of what it is an overlay of; that must not be changed any more.
    check ends with status 1 where the guest's data are in danger.
    """;
  }

  @Override
  public int run(CommandLine line) {
    String verb = VERBS.of(line);
    List<String> words = line.getArgList();
    Path file = path(words.get(1));
    return switch (verb) {
      case "create" -> create(file, words, line);
      case "info" -> info(DiskReport.of(file), line.hasOption("json"));
      default -> check(file, line.hasOption("json"));
    };
  }

  private static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new UsageException("disk takes a file, not " + e.getInput());
    }
  }

  private static int create(Path file, List<String> words, CommandLine line) {
    Optional<DiskFormat> asked =
        Optional.ofNullable(line.getOptionValue("format"))
            .map(name ->
                DiskFormat.named(name)
                    .orElseThrow(
                        () -> new UsageException("--format takes raw or qcow2, not " + name)));
    String backing = line.getOptionValue("backing");
    boolean hasSize = words.size() > 2;
    if (hasSize == (backing != null)) {
      throw new UsageException(
          hasSize
              ? "an overlay has the size of its backing file: leave " + words.get(2) + " out"
              : "disk create FILE needs a size such as 10G, or --backing");
    }
    if (backing != null) {
      if (asked.orElse(DiskFormat.QCOW2) != DiskFormat.QCOW2) {
        throw new UsageException("only a qcow2 image can have a backing file");
      }
      DiskImages.createOverlay(file, path(backing));
    } else {
      DiskImages.create(
          file,
          asked.orElseGet(() -> DiskFormat.of(file)),
          Quantity.bytes("disk create", words.get(2)));
    }
    return ExitStatus.OK;
  }

  private static int info(DiskReport report, boolean json) {
    System.out.print(json ? Json.write(DiskTable.map(report)) + "\n" : DiskTable.text(report));
    return ExitStatus.OK;
  }

  private static int check(Path file, boolean json) {
    Optional<Qcow2Check.Result> result = DiskReport.check(file);
    System.out.print(
        json ? Json.write(DiskTable.map(result)) + "\n" : DiskTable.text(file, result));
    boolean wrong = result.isPresent() && result.get().errors() > 0;
    return wrong ? ExitStatus.FAILED : ExitStatus.OK;
  }
}
