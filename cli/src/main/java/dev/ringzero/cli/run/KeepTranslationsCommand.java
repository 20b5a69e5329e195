package dev.ringzero.cli.run;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.command.Command;
import dev.ringzero.vmm.machine.KeptTranslations;
import java.nio.file.Path;
import org.apache.commons.cli.CommandLine;

/** What {@code rz run} starts after the first run of a guest; not for people. */
public final class KeepTranslationsCommand implements Command {
  @Override
  public String name() {
    return TranslationFiles.BUILD;
  }

  @Override
  public String summary() {
    return "make the cache of translated code from what a run noted";
  }

  @Override
  public String operands() {
    return "FILE";
  }

  @Override
  public int run(CommandLine line) throws Exception {
    KeptTranslations.build(Path.of(line.getArgs()[0]));
    return ExitStatus.OK;
  }
}
