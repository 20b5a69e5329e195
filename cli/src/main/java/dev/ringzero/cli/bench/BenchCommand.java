package dev.ringzero.cli.bench;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Command;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.cli.command.Quantity;
import dev.ringzero.control.protocol.Json;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code rz bench}: the same work on RingZero and on the peers that are installed, in one run. */
public final class BenchCommand implements Command {
  private static final int RUNS = 3;
  private static final int MOST_RUNS = 100;

  @Override
  public String name() {
    return "bench";
  }

  @Override
  public String summary() {
    return "measure RingZero beside the peers that are installed";
  }

  @Override
  public String operands() {
    return "boot";
  }

  @Override
  public Options options() {
    return new OptionTable()
        .value("runs", "N", "counted runs of each, in turn, after one that is not counted (3)")
        .flag("json", "show the figures as JSON")
        .options();
  }

  @Override
  public String notes() {
    return "boot: seconds from starting the process to the shell's prompt, and to power-off.\n"
        + "Times are medians with least and most; a ratio is ours divided by the peer's.";
  }

  @Override
  public int run(CommandLine line) throws Exception {
    List<String> what = line.getArgList();
    if (what.isEmpty() || !what.getFirst().equals("boot")) {
      throw new UsageException("bench what? Known: boot (see rz help bench)");
    }
    String asked = line.getOptionValue("runs");
    int runs = asked == null ? RUNS : Quantity.number("--runs", asked, 1, MOST_RUNS);
    BootBenchmark benchmark = new BootBenchmark(BootSubject.all());
    for (int run = 0; run <= runs; run++) {
      benchmark.round(run > 0);
      System.err.printf("rz: round %d of %d%n", run, runs);
    }
    if (line.hasOption("json")) {
      System.out.println(Json.write(benchmark.figures()));
    } else {
      System.out.print(benchmark.table());
    }
    return ExitStatus.OK;
  }
}
