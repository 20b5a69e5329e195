package dev.ringzero.cpu.translator;

import dev.ringzero.engine.TranslationStatistics;
import dev.ringzero.x86.instruction.Instruction;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What the translator of one vCPU has done; written by its thread, read by any. */
final class TranslatorCounters {
  long blocks;

  /** Of them, those that an earlier process translated. */
  long loaded;

  long guestBytes;
  long hostBytes;
  long nanos;
  long verifyNanos;
  long pagesDropped;
  long evictions;
  long compared = -1;

  private final long[] exits = new long[ExitKind.ALL.length];

  private final Map<String, Long> interpreted = new ConcurrentHashMap<>();

  /** Translated code was left for this instruction; null is one that cannot be run at all. */
  void interpreted(Instruction i) {
    if (i != null) {
      String repeated = i.rep || i.repne ? "rep " : "";
      interpreted.merge(repeated + i.form.mnemonic, 1L, Long::sum);
    }
  }

  void left(ExitKind kind) {
    exits[kind.ordinal()]++;
  }

  /**
   * All of it as a record.
   *
   * @param counted whether the state block counts accesses
   */
  TranslationStatistics toRecord(StateBlock state, boolean counted) {
    Map<String, Long> byKind = new LinkedHashMap<>();
    for (ExitKind kind : ExitKind.ALL) {
      byKind.put(kind.name().toLowerCase(Locale.ROOT).replace('_', ' '), exits[kind.ordinal()]);
    }
    return new TranslationStatistics(
        blocks,
        loaded,
        guestBytes,
        hostBytes,
        nanos,
        verifyNanos,
        byKind,
        Map.copyOf(interpreted),
        counted ? state.get(StateBlock.ACCESSES) : -1,
        state.get(StateBlock.SECOND_LEVEL_HITS),
        exits[ExitKind.READ_MISS.ordinal()] + exits[ExitKind.WRITE_MISS.ordinal()],
        pagesDropped,
        evictions,
        compared);
  }
}
