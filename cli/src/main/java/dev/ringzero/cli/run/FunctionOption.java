package dev.ringzero.cli.run;

import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.network.CardOption;
import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.control.network.SharedNic;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A function of a host's network card that is to be the machine's: {@code --device nic0:vf0}, or
 * {@code nic0:pf} for the whole card.
 *
 * @param number of the virtual function, or {@link SharedNic#PHYSICAL}
 * @param address what our own guest gives itself there, as with {@code --net}; its usual way if
 *     empty
 */
public record FunctionOption(String nic, int number, Optional<String> address) {
  private static final Pattern FORM =
      Pattern.compile("([^:,]+):(pf|vf([0-9]{1,4}))(?:,ip=([a-z0-9./]+))?");

  /** The functions among the values of {@code --device}. */
  static List<FunctionOption> among(List<String> values) {
    return values.stream().flatMap(value -> parse(value).stream()).toList();
  }

  private static Optional<FunctionOption> parse(String value) {
    Matcher matcher = FORM.matcher(value);
    if (!matcher.matches() || !ControlDirectory.isName(matcher.group(1))) {
      return Optional.empty();
    }
    int number = matcher.group(3) == null ? SharedNic.PHYSICAL : Integer.parseInt(matcher.group(3));
    return Optional.of(
        new FunctionOption(
            matcher.group(1), number, Optional.ofNullable(matcher.group(4)).map(CardOption::ip)));
  }

  /** A function by its name, such as nic0:vf0. */
  public static FunctionOption of(String value) {
    return parse(value)
        .orElseThrow(() -> new UsageException("a function is pf or vf0, vf1, ..., not " + value));
  }

  static boolean is(String value) {
    return parse(value).isPresent();
  }

  /** The host in which the machine has to run, given what the user said about it. */
  static Optional<String> host(List<FunctionOption> functions, Optional<String> said) {
    Optional<String> host = said;
    for (FunctionOption function : functions) {
      if (host.isPresent() && !host.get().equals(function.nic)) {
        throw new UsageException(
            "--device %s: the machine runs in %s, and a card's functions are for those in its own"
                    .formatted(function, host.get())
                + " process");
      }
      host = Optional.of(function.nic);
    }
    return host;
  }

  @Override
  public String toString() {
    return nic + ":" + (number == SharedNic.PHYSICAL ? "pf" : "vf" + number);
  }
}
