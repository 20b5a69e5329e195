package dev.ringzero.selftest;

import dev.ringzero.cpu.SoftwareEngine;
import dev.ringzero.testkit.silicon.HostProcessor;
import dev.ringzero.testkit.silicon.NativeCpu;
import dev.ringzero.testkit.silicon.ProcessorState;
import dev.ringzero.x86.instruction.Attribute;
import dev.ringzero.x86.instruction.InstructionForm;
import dev.ringzero.x86.instruction.InstructionTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Compares our processor with the host's: every user-mode row of the instruction table that the
 * host has, in random encodings on random states. The same seed gives the same tests.
 */
public final class SiliconSelftest implements AutoCloseable {
  private static final int STATES_PER_ENCODING = 4;

  private final NativeCpu silicon = new NativeCpu();
  private final Subject subject;
  private final ProcessorState before = new ProcessorState();
  private final ProcessorState ours = new ProcessorState();
  private final ProcessorState theirs = new ProcessorState();
  private final Encoding encoding = new Encoding(64);

  /**
   * A test of our processor's interpreter, or of its translator.
   *
   * @see #whyNoTranslator
   */
  public SiliconSelftest(boolean translator) {
    subject = new Subject(translator);
  }

  /** Why there is no translator to test on this host, in one line; empty where there is one. */
  public static Optional<String> whyNoTranslator() {
    return SoftwareEngine.whyNoTranslator();
  }

  /** Why this host cannot do it, in one line; empty where it can. */
  public static Optional<String> whyNot() {
    return NativeCpu.whyNot();
  }

  @Override
  public void close() {
    silicon.close();
    subject.close();
  }

  /** The rows that are tested on this host. */
  public static List<InstructionForm> rows() {
    return rows(64);
  }

  /** The rows that this host's programs can use in code of this size, 64 or 32. */
  static List<InstructionForm> rows(int codeSize) {
    long elsewhere = codeSize == 64 ? Attribute.NOT_IN_64 : Attribute.ONLY_IN_64;
    List<InstructionForm> rows = new ArrayList<>();
    for (InstructionForm form : InstructionTable.forms()) {
      if ((form.is(Attribute.USER) || Images.isImage(form))
          && !form.is(elsewhere)
          && !form.encoding.startsWith("a16 ")
          && hostHas(form.feature)) {
        rows.add(form);
      }
    }
    return rows;
  }

  private static boolean hostHas(String feature) {
    Set<String> features = HostProcessor.features();
    return feature.isEmpty()
        || features.contains(
            switch (feature) {
              case "SSE3" -> "pni";
              case "LZCNT" -> "abm";
              case "SHA" -> "sha_ni";
              case "PRFCHW" -> "3dnowprefetch";
              default -> feature.toLowerCase(Locale.ROOT);
            });
  }

  /** Tests a row on so many states. */
  public RowResult test(InstructionForm form, long seed, int states) {
    Template template = new Template(form);
    SplittableRandom random = new SplittableRandom(seed * 8192 + form.id);
    EncodingGenerator encodings = new EncodingGenerator(random);
    StateGenerator generator = new StateGenerator(random);
    int compared = 0;
    int different = 0;
    String first = null;
    for (int n = 0; n < states; n++) {
      if (n % STATES_PER_ENCODING == 0) {
        if (!encodings.generate(template, encoding)) {
          return new RowResult(form, 0, 1, "no encoding of " + form + " found");
        }
        encodings.addBranch(encoding);
        subject.instruction(encoding.bytes, encoding.total);
      }
      if (!generator.generate(encoding, before)) {
        continue;
      }
      List<String> found = compareOnce();
      compared++;
      if (!found.isEmpty()) {
        different++;
        first = first == null ? describe(found) : first;
      }
    }
    return new RowResult(form, compared, different, first);
  }

  private List<String> compareOnce() {
    ours.copyFrom(before);
    theirs.copyFrom(before);
    subject.run(ours);
    silicon.run(encoding.bytes, encoding.total, theirs);
    return Comparison.differences(encoding.instruction, before, ours, theirs);
  }

  private String describe(List<String> found) {
    return encoding.instruction.form
        + " bytes "
        + encoding.hex()
        + "\n    "
        + String.join("\n    ", found.subList(0, Math.min(found.size(), 6)))
        + "\n    before: "
        + StateDescription.of(encoding.instruction, before);
  }
}
