package dev.ringzero.vmm.machine;

import dev.ringzero.images.disk.BackingPolicy;
import dev.ringzero.images.disk.DiskFormat;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A disk as a user writes it: a file, and words behind commas. The file's name may have commas. */
final class DiskText {
  private static final Pattern LAST_WORD = Pattern.compile("(.+),(ro|[a-z]+=[^,/]*)");
  private static final Pattern SERIAL = Pattern.compile("[ -~]{1,20}");
  private static final int MOST_QUEUES = 16;

  private String file;
  private boolean readOnly;
  private Optional<DiskFormat> format = Optional.empty();
  private BackingPolicy backing = BackingPolicy.FOLDER;
  private DiskCache cache = DiskCache.WRITEBACK;
  private OptionalInt queues = OptionalInt.empty();
  private Optional<String> serial = Optional.empty();

  DiskText(String text) {
    file = text;
  }

  DiskConfiguration parse() {
    for (Matcher word = LAST_WORD.matcher(file); word.matches(); word = LAST_WORD.matcher(file)) {
      take(word.group(2));
      file = word.group(1);
    }
    if (file.isEmpty()) {
      throw new IllegalArgumentException("needs a file: " + DiskConfiguration.SYNTAX);
    }
    try {
      return new DiskConfiguration(Path.of(file), readOnly, format, backing, cache, queues, serial);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("takes a file, not " + e.getInput(), e);
    }
  }

  private void take(String word) {
    if (word.equals("ro")) {
      readOnly = true;
      return;
    }
    String name = word.substring(0, word.indexOf('='));
    String value = word.substring(name.length() + 1);
    switch (name) {
      case "format" -> format = Optional.of(known(word, DiskFormat.values(), value));
      case "backing" -> backing = known(word, BackingPolicy.values(), value);
      case "cache" -> cache = known(word, DiskCache.values(), value);
      case "queues" -> queues = OptionalInt.of(queues(value));
      case "serial" -> serial = Optional.of(serial(value));
      default ->
          throw new IllegalArgumentException(
              "does not know " + word + "; it takes " + DiskConfiguration.SYNTAX);
    }
  }

  private static <E extends Enum<E>> E known(String word, E[] values, String value) {
    for (E one : values) {
      if (one.toString().equals(value)) {
        return one;
      }
    }
    throw new IllegalArgumentException(
        "cannot have "
            + word
            + "; known are "
            + Arrays.toString(values).replaceAll("[\\[\\]]", ""));
  }

  private static int queues(String value) {
    if (value.matches("\\d{1,2}")) {
      int count = Integer.parseInt(value);
      if (count >= 1 && count <= MOST_QUEUES) {
        return count;
      }
    }
    throw new IllegalArgumentException("takes queues=1 to " + MOST_QUEUES + ", not " + value);
  }

  private static String serial(String value) {
    if (!SERIAL.matcher(value).matches()) {
      throw new IllegalArgumentException("takes a serial of 1 to 20 ASCII characters");
    }
    return value;
  }
}
