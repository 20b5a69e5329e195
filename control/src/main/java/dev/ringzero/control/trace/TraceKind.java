package dev.ringzero.control.trace;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What to trace.
 *
 * @param firstGva first address of instructions to show
 * @param lastGva last one, unsigned
 */
public record TraceKind(What what, long firstGva, long lastGva) {
  private static final Pattern FORM =
      Pattern.compile(
          "(exits|interrupts|instructions)(?::(?:0x)?([0-9a-f]{1,16})-(?:0x)?([0-9a-f]{1,16}))?");

  /** Kinds of events. */
  public enum What {
    EXITS,
    INTERRUPTS,
    INSTRUCTIONS
  }

  /** Reads {@code exits}, {@code interrupts} or {@code instructions[:FIRST-LAST]}. */
  public static Optional<TraceKind> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    What what = What.valueOf(matcher.group(1).toUpperCase(Locale.ROOT));
    boolean ranged = matcher.group(2) != null;
    if (ranged && what != What.INSTRUCTIONS) {
      return Optional.empty();
    }
    long first = ranged ? Long.parseUnsignedLong(matcher.group(2), 16) : 0;
    long last = ranged ? Long.parseUnsignedLong(matcher.group(3), 16) : -1;
    return Optional.of(new TraceKind(what, first, last));
  }

  boolean holds(long gva) {
    return Long.compareUnsigned(gva, firstGva) >= 0 && Long.compareUnsigned(gva, lastGva) <= 0;
  }
}
