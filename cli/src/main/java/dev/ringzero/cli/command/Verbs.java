package dev.ringzero.cli.command;

import dev.ringzero.cli.UsageException;
import dev.ringzero.control.directory.ControlDirectory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;

/** What the first word of a command that does several things may be, and what goes with each. */
public final class Verbs {
  private static final String LIST = "ls";

  /** A word, the operands that follow it (those in brackets may be left out), its options. */
  private record Verb(String form, List<String> operands, Set<String> options, boolean shown) {
    private static Verb of(String form, boolean shown, String... options) {
      List<String> words = List.of(form.split(" "));
      return new Verb(form, words.subList(1, words.size()), Set.of(options), shown);
    }

    private long least() {
      return operands.stream().filter(operand -> !operand.startsWith("[")).count();
    }
  }

  private final String command;
  private final Map<String, Verb> verbs = new LinkedHashMap<>();

  /** Those of a command, none yet. */
  public Verbs(String command) {
    this.command = command;
  }

  /**
   * One more.
   *
   * @param form the word and its operands, such as {@code create NAME [SIZE]}
   * @param options that go with it, by their long names
   */
  public Verbs add(String form, String... options) {
    return add(Verb.of(form, true, options));
  }

  /** One that help does not show: the product's own processes are started by it. */
  public Verbs addHidden(String form, String... options) {
    return add(Verb.of(form, false, options));
  }

  private Verbs add(Verb verb) {
    verbs.put(verb.form.split(" ")[0], verb);
    return this;
  }

  /** For the usage line. */
  public String operands() {
    return verbs.values().stream()
        .filter(Verb::shown)
        .map(Verb::form)
        .collect(Collectors.joining(" | "));
  }

  public int maximumOperands() {
    return 1 + verbs.values().stream().mapToInt(verb -> verb.operands.size()).max().orElse(0);
  }

  /**
   * The word that was said; {@code ls} where none was, if there is that.
   *
   * @throws UsageException if there is no such word, or the rest does not go with it
   */
  public String of(CommandLine line) {
    List<String> words = line.getArgList();
    if (words.isEmpty() && !verbs.containsKey(LIST)) {
      throw new UsageException(command + " " + operands() + hint());
    }
    String word = words.isEmpty() ? LIST : words.getFirst();
    Verb verb = verbs.get(word);
    if (verb == null) {
      throw unknown(word);
    }
    int operands = Math.max(0, words.size() - 1);
    if (operands < verb.least()) {
      throw new UsageException("it takes more: " + command + " " + verb.form + hint());
    }
    if (operands > verb.operands.size()) {
      throw new UsageException("unexpected: " + words.get(1 + verb.operands.size()) + hint());
    }
    for (Option option : line.getOptions()) {
      if (!verb.options.contains(option.getLongOpt())) {
        throw new UsageException(
            "--%s does not go with %s %s".formatted(option.getLongOpt(), command, word));
      }
    }
    return word;
  }

  private UsageException unknown(String word) {
    List<String> known =
        verbs.entrySet().stream().filter(e -> e.getValue().shown).map(Map.Entry::getKey).toList();
    String near = Nearest.to(word, known).map(it -> "; did you mean " + it + "?").orElse("");
    return new UsageException(
        "%s %s? Known: %s%s".formatted(command, word, String.join(", ", known), near));
  }

  /**
   * The name that follows the word.
   *
   * @throws UsageException if it cannot be one
   */
  public String name(CommandLine line) {
    String name = line.getArgList().get(1);
    if (!ControlDirectory.isName(name)) {
      throw new UsageException(
          "%s %s: '%s' is no name: letters, digits, . _ and -, at most 40"
              .formatted(command, line.getArgList().getFirst(), name));
    }
    return name;
  }

  private String hint() {
    return " (see rz help " + command + ")";
  }
}
