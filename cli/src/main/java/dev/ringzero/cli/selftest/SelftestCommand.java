package dev.ringzero.cli.selftest;

import dev.ringzero.cli.ExitStatus;
import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Command;
import dev.ringzero.cli.command.OptionTable;
import dev.ringzero.cli.command.Quantity;
import dev.ringzero.kvm.KvmEngine;
import dev.ringzero.selftest.GuestSelftest;
import dev.ringzero.selftest.RowResult;
import dev.ringzero.selftest.SiliconSelftest;
import dev.ringzero.x86.instruction.InstructionForm;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;

/** {@code rz selftest}: our processor's instructions against the host's own processor. */
public final class SelftestCommand implements Command {
  private static final int STATES = 500; // of a row, before the next row's turn
  private static final int DIFFERENCES_SHOWN = 20;
  private static final long NANOS_IN_MINUTE = 60_000_000_000L;

  @Override
  public String name() {
    return "selftest";
  }

  @Override
  public String notes() {
    return """

    --fuzz runs random sequences of instructions, 64-bit code and 32-bit code of programs, on the
    interpreter, on the translator and, where they stay within memory of the test, on the host's
    processor, and compares the whole state. Each minute a line says how far it is.
    A difference is printed with its seed: rz selftest --fuzz 0 --seed SEED shows it again.
    """;
  }

  @Override
  public String summary() {
    return "compare our processor's instructions with the host's processor";
  }

  @Override
  public Options options() {
    return new OptionTable()
        .value("minutes", "N", "how long, at most; 0 tests everything once (default 1)")
        .value("seed", "N", "where random tests start; the same seed gives the same tests")
        .flag("translator", "test translated code, not the interpreter")
        .flag("kvm", "run guests of a few instructions on the host's KVM instead")
        .value("fuzz", "SECONDS", "random sequences instead, on interpreter, translator and host")
        .value("row", "REGEX", "only instructions with such a mnemonic")
        .options();
  }

  @Override
  public int run(CommandLine line) {
    if (line.hasOption("kvm")) {
      return runGuests(new GuestSelftest(KvmEngine::new));
    }
    final long minutes = number(line, "minutes", 1);
    final long seed = number(line, "seed", 1);
    final List<InstructionForm> rows = rows(line.getOptionValue("row", ".*"));
    final boolean translator = line.hasOption("translator");
    Optional<String> whyNot = SiliconSelftest.whyNot();
    if (whyNot.isEmpty() && (translator || line.hasOption("fuzz"))) {
      whyNot = SiliconSelftest.whyNoTranslator();
    }
    if (whyNot.isPresent()) {
      System.err.println("rz: " + whyNot.get());
      return ExitStatus.WRONG_INPUT;
    }
    if (line.hasOption("fuzz")) {
      return FuzzRun.run(seed, number(line, "fuzz", 0));
    }
    return compare(translator, rows, seed, System.nanoTime() + minutes * NANOS_IN_MINUTE);
  }

  private static int compare(
      boolean translator, List<InstructionForm> rows, long seed, long deadline) {
    long states = 0;
    int differences = 0;
    try (SiliconSelftest selftest = new SiliconSelftest(translator)) {
      long round = seed;
      do {
        for (InstructionForm row : rows) {
          RowResult result = selftest.test(row, round, STATES);
          states += result.compared();
          if (!result.passed()) {
            differences++;
            System.out.printf("seed %d: %s%n", round, result.first());
          }
          if (differences >= DIFFERENCES_SHOWN || round != seed && isOver(deadline)) {
            break;
          }
        }
        round++;
      } while (!isOver(deadline) && differences < DIFFERENCES_SHOWN);
    }
    System.out.printf(
        "%d kinds of instructions, %d states, %s%n",
        rows.size(), states, differences == 0 ? "no difference" : differences + " differences");
    return differences == 0 ? ExitStatus.OK : ExitStatus.FAILED;
  }

  private static int runGuests(GuestSelftest selftest) {
    int failed = 0;
    for (String guest : GuestSelftest.guests()) {
      Optional<String> complaint = selftest.complaint(guest);
      complaint.ifPresent(what -> System.out.printf("%s: %s%n", guest, what));
      failed += complaint.isPresent() ? 1 : 0;
    }
    System.out.printf("%d guests on KVM, %d failed%n", GuestSelftest.guests().size(), failed);
    return failed == 0 ? ExitStatus.OK : ExitStatus.FAILED;
  }

  private static boolean isOver(long deadline) {
    return System.nanoTime() - deadline >= 0;
  }

  private static List<InstructionForm> rows(String regex) {
    try {
      Pattern pattern = Pattern.compile(regex);
      List<InstructionForm> rows =
          SiliconSelftest.rows().stream()
              .filter(row -> pattern.matcher(row.mnemonic).matches())
              .toList();
      if (rows.isEmpty()) {
        throw new UsageException("no instruction matches --row " + regex);
      }
      return rows;
    } catch (PatternSyntaxException e) {
      throw new UsageException("--row is not a regular expression: " + regex);
    }
  }

  private static long number(CommandLine line, String option, int otherwise) {
    String text = line.getOptionValue(option);
    return text == null ? otherwise : Quantity.number("--" + option, text, 0, Integer.MAX_VALUE);
  }
}
