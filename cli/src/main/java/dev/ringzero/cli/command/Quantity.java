package dev.ringzero.cli.command;

import dev.ringzero.cli.UsageException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes and durations as people write them. */
public final class Quantity {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,9})([KMGT]?)(i?B)?");
  private static final Pattern TIME = Pattern.compile("(\\d{1,9})(us|ms|s|m|h)?");
  private static final String UNITS = "KMGT";
  private static final int UNIT_SHIFT = 10;

  private Quantity() {}

  /** Reads a size such as 512M or 2G; a bare number is in MiB, one too large is the largest. */
  public static long bytes(String option, String text) {
    Matcher matcher = SIZE.matcher(text);
    if (!matcher.matches()) {
      throw new UsageException(option + " takes a size such as 512M or 2G, not " + text);
    }
    String unit = matcher.group(2).isEmpty() ? "M" : matcher.group(2);
    long amount = Long.parseLong(matcher.group(1));
    int shift = (UNITS.indexOf(unit) + 1) * UNIT_SHIFT;
    return amount <= Long.MAX_VALUE >> shift ? amount << shift : Long.MAX_VALUE;
  }

  /** Reads a duration such as 500ms, 60s or 2m; a bare number is in seconds. */
  public static Duration duration(String option, String text) {
    Matcher matcher = TIME.matcher(text);
    if (!matcher.matches()) {
      throw new UsageException(option + " takes a time such as 60s or 2m, not " + text);
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "us" -> Duration.of(amount, ChronoUnit.MICROS);
      case "ms" -> Duration.ofMillis(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      case null, default -> Duration.ofSeconds(amount);
    };
  }

  /** Reads a whole number within bounds. */
  public static int number(String option, String text, int least, int most) {
    try {
      int value = Integer.parseInt(text);
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // the same answer as for one out of bounds
    }
    throw new UsageException(
        option + " takes a number from " + least + " to " + most + ", not " + text);
  }
}
