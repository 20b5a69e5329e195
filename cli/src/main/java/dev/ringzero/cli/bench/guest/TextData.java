package dev.ringzero.cli.bench.guest;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Text for the programs to work on: words of unequal frequency, numbers and punctuation. It is the
 * same everywhere and for ever, so that results can be compared with what is written down.
 */
final class TextData {
  static final int LENGTH_BYTES = 8 << 20;

  private static final int WORDS = 4096;
  private static final int LONGEST_WORD_SYLLABLES = 3;
  private static final int WORDS_IN_LINE = 12;
  private static final String[] SYLLABLES =
      ("ba ce di fo gu ha in je ka lo ma ne or pi qua re si to un ve wa xe yo za "
              + "ment ing ed ly tion er st ough")
          .split(" ");

  private long state = 42;

  private TextData() {}

  static byte[] bytes() {
    return new TextData().write();
  }

  private byte[] write() {
    List<String> words = IntStream.range(0, WORDS).mapToObj(i -> word()).toList();
    ByteArrayOutputStream out = new ByteArrayOutputStream(LENGTH_BYTES + 256);
    while (out.size() < LENGTH_BYTES) {
      out.writeBytes(line(words).getBytes(StandardCharsets.US_ASCII));
    }
    return Arrays.copyOf(out.toByteArray(), LENGTH_BYTES);
  }

  private String word() {
    StringBuilder word = new StringBuilder();
    int syllables = 1 + next(LONGEST_WORD_SYLLABLES);
    for (int i = 0; i < syllables; i++) {
      word.append(SYLLABLES[next(SYLLABLES.length)]);
    }
    return word.toString();
  }

  private String line(List<String> words) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < WORDS_IN_LINE; i++) {
      line.append(i == 0 ? "" : " ").append(next(9) == 0 ? next(100_000) : frequent(words));
      line.append(next(8) == 0 ? "," : "");
    }
    return line.append(".\n").toString();
  }

  /** The lower the index, the more often it is taken. */
  private String frequent(List<String> words) {
    long a = next(WORDS);
    long b = next(WORDS);
    return words.get((int) (a * b / WORDS));
  }

  /** A linear congruential generator (Knuth's MMIX). */
  private int next(int bound) {
    state = state * 6364136223846793005L + 1442695040888963407L;
    return (int) ((state >>> 33) % bound);
  }
}
