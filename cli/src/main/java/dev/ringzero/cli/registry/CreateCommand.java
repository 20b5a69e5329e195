package dev.ringzero.cli.registry;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Command;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.cli.run.RunCommand;
import dev.ringzero.control.registry.Registry;
import dev.ringzero.control.registry.VmConfiguration;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;

/** {@code rz create}. */
public final class CreateCommand implements Command {
  /** Options that are of one run. */
  private static final List<String> OF_RUNS =
      List.of("name", "detach", "serial", "stats", "json", "trace", "gdb", "check-translations");

  @Override
  public String name() {
    return "create";
  }

  @Override
  public String summary() {
    return "keep a machine under a name, to be started whenever it is wanted";
  }

  @Override
  public String operands() {
    return "NAME";
  }

  @Override
  public Options options() {
    Options options =
        new OptionTable()
            .value("file", "FILE", "the configuration, as YAML or JSON, instead of options")
            .value("snapshot", "NAME", "go on from this snapshot instead of booting")
            .options();
    for (Option option : new RunCommand().options().getOptions()) {
      if (!OF_RUNS.contains(option.getLongOpt())) {
        options.addOption(option);
      }
    }
    return options;
  }

  @Override
  public String notes() {
    return """

    The options are those of rz run. The machine does not run yet: rz start NAME starts it, in a
    process of its own that outlives this one, or with --host in one with others; rz ls shows it,
    rz logs what its console said, rz rm forgets it. Its directory, with vm.json and state.json, is
    in ~/.local/share/ringzero/vms. docs/guide/api.md tells what a configuration may say.
    """;
  }

  @Override
  public int run(CommandLine line) {
    if (line.getArgList().isEmpty()) {
      throw new UsageException("create which name? such as rz create web --memory 1G");
    }
    VmConfiguration configuration =
        line.hasOption("file") ? ConfigurationFile.read(line) : OptionsReader.read(line);
    KeptRun.check(configuration);
    System.out.println(
        Registry.ofUser().create(line.getArgList().getFirst(), configuration).name());
    return ExitStatus.OK;
  }
}
