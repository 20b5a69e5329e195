package dev.ringzero.cli.run;

import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.command.Quantity;
import dev.ringzero.vmm.schedule.ProcessorShare;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.commons.cli.CommandLine;

/** {@code --cpu-weight}, {@code --cpu-cap} and {@code --cpu-pin}. */
final class ShareOptions {
  private static final int MOST_CAP_PERCENT = 6400;

  private ShareOptions() {}

  /** Empty where none is given. */
  static Optional<ProcessorShare> of(CommandLine line) {
    String weight = line.getOptionValue("cpu-weight");
    String cap = line.getOptionValue("cpu-cap");
    String pins = line.getOptionValue("cpu-pin");
    if (weight == null && cap == null && pins == null) {
      return Optional.empty();
    }
    return Optional.of(
        new ProcessorShare(
            weight == null
                ? ProcessorShare.USUAL_WEIGHT
                : Quantity.number(
                    "--cpu-weight",
                    weight,
                    ProcessorShare.LEAST_WEIGHT,
                    ProcessorShare.MOST_WEIGHT),
            cap == null
                ? ProcessorShare.NO_CAP
                : Quantity.number("--cpu-cap", cap, 1, MOST_CAP_PERCENT),
            pins == null ? Set.of() : pins(pins, Runtime.getRuntime().availableProcessors())));
  }

  /** Numbers and ranges with commas between, as 0,2-3. */
  static Set<Integer> pins(String text, int physicalCpus) {
    Set<Integer> pins = new TreeSet<>();
    for (String part : text.split(",", -1)) {
      String[] ends = part.split("-", 2);
      int first = number(ends[0], text, physicalCpus);
      int last = ends.length == 1 ? first : number(ends[1], text, physicalCpus);
      if (last < first) {
        throw new UsageException("--cpu-pin %s: %s ends before it begins".formatted(text, part));
      }
      for (int cpu = first; cpu <= last; cpu++) {
        pins.add(cpu);
      }
    }
    return pins;
  }

  private static int number(String digits, String text, int physicalCpus) {
    if (!digits.matches("[0-9]{1,5}")) {
      throw new UsageException(
          "--cpu-pin takes numbers of physical CPUs, such as 0,2-3, not " + text);
    }
    int cpu = Integer.parseInt(digits);
    if (cpu >= physicalCpus) {
      throw new UsageException(
          "--cpu-pin %s: there is no physical CPU %d, the last is %d"
              .formatted(text, cpu, physicalCpus - 1));
    }
    return cpu;
  }
}
