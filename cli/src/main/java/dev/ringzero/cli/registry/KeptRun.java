package dev.ringzero.cli.registry;

import dev.ringzero.cli.Complaint;
import dev.ringzero.cli.command.Arguments;
import dev.ringzero.cli.run.Run;
import dev.ringzero.cli.run.RunCommand;
import dev.ringzero.cli.run.RunOptions;
import dev.ringzero.cli.run.RunPlace;
import dev.ringzero.control.registry.Registry;
import dev.ringzero.control.registry.RunningVm;
import dev.ringzero.control.registry.VmConfiguration;
import dev.ringzero.control.snapshot.SnapshotStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** One run of a machine that is kept, from its configuration to its end. */
public final class KeptRun {
  private KeptRun() {}

  /**
   * Runs the machine.
   *
   * @return the status with which the run ends
   */
  public static int call(String name, RunPlace place) throws IOException {
    try (RunningVm vm = Registry.ofUser().run(name)) {
      try {
        VmConfiguration configuration = vm.vm().configuration();
        return new Run(
                options(name, configuration),
                configuration.snapshot().map(SnapshotStore.ofUser()::get),
                new KeptPlace(place, vm))
            .call();
      } catch (Exception | StackOverflowError | OutOfMemoryError e) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        int status = Complaint.about(e, new PrintStream(said, true, StandardCharsets.UTF_8));
        String text = said.toString(StandardCharsets.UTF_8);
        place.err().print(text);
        vm.failed(text.lines().findFirst().orElse("").replaceFirst("^rz: ", ""));
        return status;
      }
    }
  }

  private static RunOptions options(String name, VmConfiguration configuration) {
    return check(configuration, List.of("--name=" + name));
  }

  /** Reads a configuration as {@code rz run} does, which complains about what is wrong with it. */
  public static void check(VmConfiguration configuration) {
    check(configuration, List.of());
  }

  private static RunOptions check(VmConfiguration configuration, List<String> further) {
    List<String> words = new ArrayList<>(configuration.arguments());
    configuration.host().ifPresent(host -> words.add("--host=" + host));
    words.addAll(further);
    return RunOptions.of(Arguments.parse(new RunCommand(), words));
  }
}
