package dev.ringzero.cpu.translator;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.interpreter.CodeCache;
import dev.ringzero.cpu.interpreter.Executor;
import dev.ringzero.engine.TranslatedBlock;
import dev.ringzero.engine.TranslationStatistics;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.x86.Rflags;
import dev.ringzero.x86.instruction.Instruction;
import java.util.List;
import java.util.Optional;

/**
 * Runs translated code and checks samples of it: every block when it first runs, and now and then
 * later, is run by the interpreter before, undone, and run again as host code; the first difference
 * ends the machine with a report. For those who look for a fault of the translator.
 *
 * <p>Not modelled: code between SYSCALL and SYSRET as one piece, 32-bit code, repeated string
 * instructions and whatever else the interpreter runs anyway; other processors, which would see
 * what is undone; devices that write what a block reads while it is compared, where that cannot be
 * seen.
 */
public final class ComparingExecutor implements Executor {
  private static final int SITES = 1 << 16;
  private static final int ALWAYS = 4;
  private static final int LATER = 64;

  private final Cpu cpu;
  private final TranslatingExecutor translator;
  private final InterpretedTrace trace;
  private final TranslatorCounters counters;

  /** How often a block was entered from here, by a hash of its address. */
  private final int[] entered = new int[SITES];

  public ComparingExecutor(Cpu cpu, CodeCache cache) {
    this.cpu = cpu;
    translator = new TranslatingExecutor(cpu, cache, true, true);
    trace = translator.trace();
    counters = translator.counters();
    counters.compared = 0;
  }

  @Override
  public void run() {
    if (!isDue() || !translator.ready() || trace.record() == 0) {
      translator.run();
      return;
    }
    long before = translator.instructions();
    try {
      translator.runBlock();
    } finally {
      compare((int) (translator.instructions() - before));
    }
  }

  private boolean isDue() {
    if (cpu.codeSize != 64) {
      return false;
    }
    int count = entered[(int) (cpu.rip ^ cpu.rip >>> 16) & SITES - 1]++;
    return count < ALWAYS || count % LATER == 0;
  }

  private void compare(int instructions) {
    if (instructions > InterpretedTrace.MOST || instructions > trace.steps()) {
      return; // it went on behind the last instruction that can be compared
    }
    counters.compared++;
    long flags = Rflags.STATUS & ~trace.openFlags(instructions);
    List<String> found = trace.after(instructions).differences(cpu, flags & ~deadFlags());
    found.addAll(trace.memoryDifferences(instructions));
    if (!found.isEmpty() && !trace.wasDisturbed()) {
      throw new IllegalStateException(report(instructions, found));
    }
  }

  private int deadFlags() {
    long hpa = cpu.mmu.peekMachine(cpu.rip);
    if (hpa < 0) {
      return 0;
    }
    byte[] page = new byte[FramePool.FRAME_BYTES];
    MachineMemory.read(hpa & -page.length, page, 0, page.length);
    return new DeadFlags(page).at((int) hpa & page.length - 1);
  }

  private String report(int instructions, List<String> found) {
    long start = trace.after(0).rip();
    StringBuilder text =
        new StringBuilder(
            "after %d blocks that were equal, the one at %x differs behind %d instructions%n"
                .formatted(counters.compared - 1, start, instructions));
    found.forEach(line -> text.append("  ").append(line).append('\n'));
    text.append("  before: ").append(trace.after(0)).append('\n');
    for (TranslatedBlock block : translator.translations(start)) {
      if (block.parts().getFirst().gva() != start) {
        continue;
      }
      text.append("  ").append(block.mode()).append('\n');
      for (TranslatedBlock.Part part : block.parts()) {
        text.append("    %x %s%n".formatted(part.gva(), part.guest()));
        part.host().forEach(host -> text.append("        ").append(host.text()).append('\n'));
      }
    }
    return text.toString();
  }

  @Override
  public void step() {
    translator.step();
  }

  @Override
  public Instruction peek() {
    return translator.peek();
  }

  @Override
  public long interpreted() {
    return translator.interpreted();
  }

  @Override
  public long instructions() {
    return -1; // those that were compared ran twice
  }

  @Override
  public long blocksDecoded() {
    return translator.blocksDecoded();
  }

  @Override
  public Optional<TranslationStatistics> translationStatistics() {
    return translator.translationStatistics();
  }

  @Override
  public List<TranslatedBlock> translations(long gva) {
    return translator.translations(gva);
  }
}
