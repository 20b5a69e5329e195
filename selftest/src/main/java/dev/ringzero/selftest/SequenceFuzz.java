package dev.ringzero.selftest;

import dev.ringzero.testkit.silicon.NativeCpu;
import dev.ringzero.testkit.silicon.ProcessorState;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.Vector;
import dev.ringzero.x86.instruction.Attribute;
import dev.ringzero.x86.instruction.Instruction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Runs random sequences of instructions on our interpreter, one at a time, on our translator, and
 * on the host's processor, and compares what becomes of registers, flags, memory and code. The host
 * runs only what the interpreter has shown to stay within the tested memory. The same seed gives
 * the same sequences.
 */
public final class SequenceFuzz implements AutoCloseable {
  private static final int STATES = 3;
  private static final int NARROW = 4; // one in so many sequences is 32-bit code
  private static final int EBX = 3;
  private static final int MOST_STEPS = 4000;
  private static final int GUARD_BYTES = 4096;

  private final NativeCpu silicon = new NativeCpu();
  private final Subject interpreter = new Subject(false);
  private final Subject translator = new Subject(true);
  private final Watchdog watchdog = new Watchdog(translator);
  private final Sequence sequence = new Sequence();
  private final ProcessorState before = new ProcessorState();
  private final ProcessorState reference = new ProcessorState();
  private final ProcessorState other = new ProcessorState();
  private final Counts counts = new Counts();

  /** What was done so far. */
  public static final class Counts {
    private long sequences;
    private long runs;
    private long instructions;
    private long exceptions;
    private long onSilicon;
    private long narrow;

    /** Sequences made. */
    public long sequences() {
      return sequences;
    }

    /** Runs of sequences that were compared between interpreter and translator. */
    public long runs() {
      return runs;
    }

    /** Instructions in them. */
    public long instructions() {
      return instructions;
    }

    /** Runs that ended in an exception. */
    public long exceptions() {
      return exceptions;
    }

    /** Runs that were compared with the host's processor too. */
    public long onSilicon() {
      return onSilicon;
    }

    /** Runs of 32-bit code. */
    public long narrow() {
      return narrow;
    }
  }

  @Override
  public void close() {
    watchdog.close();
    silicon.close();
    interpreter.close();
    translator.close();
  }

  public Counts counts() {
    return counts;
  }

  /** Tests the sequence of a seed; tells the first difference, if there is one. */
  public Optional<String> test(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    SequenceGenerator generator =
        new SequenceGenerator(random, random.nextInt(NARROW) == 0 ? 32 : 64);
    generator.generate(sequence);
    counts.sequences++;
    for (int n = 0; n < STATES; n++) {
      generator.generate(before);
      if (random.nextInt(3) == 0) {
        translator.flush();
      }
      List<String> found = compareOnce();
      if (!found.isEmpty()) {
        return Optional.of(describe(seed, n, found));
      }
    }
    return Optional.empty();
  }

  /** Tests one instruction of 32-bit code, whose memory operand is at EBX. */
  Optional<String> testNarrow(byte[] instruction) {
    SequenceGenerator generator = new SequenceGenerator(new SplittableRandom(1), 32);
    sequence.clear(32);
    sequence.add(instruction, instruction.length);
    sequence.add(0x39, 0xC0); // cmp eax, eax: defines all flags
    for (int n = 0; n < STATES; n++) {
      generator.generate(before);
      before.gpr[EBX] = NativeCpu.DATA + 256;
      List<String> found = compareOnce();
      if (!found.isEmpty()) {
        return Optional.of(describe(1, n, found));
      }
    }
    return Optional.empty();
  }

  private List<String> compareOnce() {
    byte[] code = sequence.bytes();
    reference.copyFrom(before);
    interpreter.sequence(code, sequence.codeSize());
    int steps = interpreter.step(reference, sequence.starts, MOST_STEPS);
    if (steps < 0) {
      return List.of();
    }
    final byte[] codeAfter = interpreter.sequence(code.length);
    if (sequence.repeatsOverItself(codeAfter)) {
      return List.of();
    }
    counts.runs++;
    counts.instructions += steps;
    counts.exceptions += reference.exception >= 0 ? 1 : 0;
    counts.narrow += sequence.codeSize() == 32 ? 1 : 0;
    other.copyFrom(before);
    translator.sequence(code, sequence.codeSize());
    try {
      watchdog.watch(() -> translator.run(other));
    } catch (IllegalStateException refusedByTheVerifier) {
      return List.of("translator: " + refusedByTheVerifier.getMessage());
    }
    List<String> found =
        new ArrayList<>(differences("translator", codeAfter, translator.sequence(code.length)));
    if (found.isEmpty() && mayRunNatively()) {
      counts.onSilicon++;
      other.copyFrom(before);
      silicon.runSequence(code, sequence.codeSize(), other);
      found.addAll(differences("silicon", codeAfter, code));
    }
    return found;
  }

  /** Whether all that the interpreter touched is memory of the test on the host too. */
  private boolean mayRunNatively() {
    long end = NativeCpu.DATA + ProcessorState.MEMORY_BYTES;
    long address = reference.faultAddress;
    boolean inside = reference.rip >= NativeCpu.CODE && reference.rip < NativeCpu.CODE + 0x1800;
    return inside
        && !sequence.onlyOurs()
        && !mayHaveWrapped()
        && (reference.exception != Vector.PF
            || address >= NativeCpu.DATA - GUARD_BYTES && address < end + GUARD_BYTES);
  }

  /**
   * Whether the exception may be that of an operand of 32-bit code that reaches over 4 GiB, which
   * processors may let pass.
   *
   * @spec Intel SDM Vol. 3A, "Limit Checking"
   */
  private boolean mayHaveWrapped() {
    boolean limit = reference.exception == Vector.GP || reference.exception == Vector.SS;
    if (sequence.codeSize() == 64 || !limit) {
      return false;
    }
    Instruction last = sequence.at((int) (reference.rip - NativeCpu.CODE));
    return last == null || !last.form.is(Attribute.ALIGNED);
  }

  private List<String> differences(String who, byte[] codeAfter, byte[] code) {
    int offset = (int) (reference.rip - NativeCpu.CODE);
    boolean inside = offset >= 0 && offset < sequence.length();
    Instruction last = inside ? sequence.at(offset) : null;
    long flags = reference.exception >= 0 ? ~sequence.deadFlags(offset) : -1;
    if (reference.exception >= 0 && last != null && Tolerance.mayKeepFlags(last)) {
      flags &= ~Rflags.STATUS;
    }
    List<String> found =
        Comparison.afterSequence(last, reference, other, flags, sequence.codeSize());
    int at = Arrays.mismatch(codeAfter, code);
    if (who.equals("translator") && reference.dataPointer != other.dataPointer) {
      found.add("FDP: ours %x, other %x".formatted(reference.dataPointer, other.dataPointer));
    }
    if (at >= 0) {
      found.add("code at %x".formatted(NativeCpu.CODE + at));
    }
    return found.isEmpty() ? found : prefixed(who, found);
  }

  private static List<String> prefixed(String who, List<String> found) {
    List<String> all = new ArrayList<>();
    all.add("interpreter (ours) against " + who + ":");
    all.addAll(found.subList(0, Math.min(found.size(), 8)));
    return all;
  }

  private String describe(long seed, int state, List<String> found) {
    StringBuilder text = new StringBuilder("seed %d, state %d%n".formatted(seed, state));
    found.forEach(line -> text.append("    ").append(line).append('\n'));
    text.append("  sequence\n").append(sequence).append("  registers before\n");
    for (int r = 0; r < 16; r++) {
      text.append("    GPR %d %x%n".formatted(r, before.gpr[r]));
    }
    text.append("  host code\n").append(translator.hostCode(reference.rip));
    return text.append("    flags %x MXCSR %x, ".formatted(before.flags, before.mxcsr))
        .append("ended at %x exception %d".formatted(reference.rip, reference.exception))
        .toString();
  }
}
