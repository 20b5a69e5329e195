package dev.ringzero.cli.run;

import dev.ringzero.cli.UsageException;
import dev.ringzero.control.run.GuestRun;
import dev.ringzero.control.run.RunStatistics;
import dev.ringzero.vmm.machine.Console;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a machine has done when its guest first writes one word, and when it then writes another.
 */
final class MeasuredSpan {
  private static final int MOST_KEPT_CHARACTERS = 1 << 12;

  private final Words words;
  private final Supplier<RunStatistics> statistics;
  private volatile RunStatistics begin;
  private volatile RunStatistics end;

  /** The two words. */
  record Words(String begin, String end) {
    static Words parse(String text) {
      String[] words = text.split(",", -1);
      if (words.length != 2 || words[0].isBlank() || words[1].isBlank()) {
        throw new UsageException(
            "--stats-between takes two words that the guest writes, such as begin,end, not "
                + text);
      }
      return new Words(words[0], words[1]);
    }
  }

  MeasuredSpan(Words words, Supplier<RunStatistics> statistics) {
    this.words = words;
    this.statistics = statistics;
  }

  static MeasuredSpan of(Words words, GuestRun run) {
    MeasuredSpan span = new MeasuredSpan(words, run::statistics);
    run.machine().console().addListener(span.new Watch());
    run.machine().channel().addListener(span.new Watch());
    return span;
  }

  /** One stream of what the guest writes; called by the processor that writes. */
  final class Watch implements Console.Listener {
    private final StringBuilder last = new StringBuilder();

    @Override
    public void output(byte[] bytes, int lengthBytes) {
      if (end != null) {
        return;
      }
      last.append(new String(bytes, 0, lengthBytes, StandardCharsets.ISO_8859_1));
      if (begin == null && passed(words.begin())) {
        begin = statistics.get();
      }
      if (begin != null && passed(words.end())) {
        end = statistics.get();
      }
      if (last.length() > MOST_KEPT_CHARACTERS) {
        last.delete(0, last.length() - MOST_KEPT_CHARACTERS / 2);
      }
    }

    private boolean passed(String word) {
      int at = last.indexOf(word);
      if (at >= 0) {
        last.delete(0, at + word.length());
      }
      return at >= 0;
    }
  }

  /** Both, or nothing if the words did not come. */
  Optional<Map<String, Object>> toMap() {
    if (end == null) {
      return Optional.empty();
    }
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("begin", begin.toMap());
    map.put("end", end.toMap());
    return Optional.of(map);
  }
}
