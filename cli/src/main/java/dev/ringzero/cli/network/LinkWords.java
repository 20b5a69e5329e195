package dev.ringzero.cli.network;

import dev.ringzero.cli.UsageException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is to become of a cable, as people write it and as a machine is asked for it. */
final class LinkWords {
  private static final Pattern TIME = Pattern.compile("(\\d{1,6}(?:\\.\\d{1,3})?)(us|ms|s)");
  private static final Pattern SHARE = Pattern.compile("(\\d{1,3}(?:\\.\\d{1,4})?)%");
  private static final Pattern RATE = Pattern.compile("(\\d{1,6}(?:\\.\\d{1,3})?)(k|m|g)bit");

  private LinkWords() {}

  static Map<String, Object> parse(List<String> words) {
    if (words.isEmpty()) {
      throw new UsageException("set the cable to what? delay=20ms, loss=1%, down, ...");
    }
    Map<String, Object> set = new LinkedHashMap<>();
    for (String word : words) {
      int equals = word.indexOf('=');
      String value = word.substring(equals + 1);
      switch (equals < 0 ? word : word.substring(0, equals)) {
        case "up" -> set.put("down", false);
        case "down" -> set.put("down", true);
        case "good" -> set.put("good", true);
        case "delay" -> set.put("delayNanos", nanos(word, value));
        case "jitter" -> set.put("jitterNanos", nanos(word, value));
        case "loss" -> set.put("loss", share(word, value));
        case "rate" -> set.put("bitsPerSecond", rate(word, value));
        default ->
            throw new UsageException(
                "a cable has delay, jitter, loss, rate, up, down and good, not " + word);
      }
    }
    return set;
  }

  private static long nanos(String word, String value) {
    Matcher matcher = match(TIME, word, value, "a time such as 20ms");
    double unit =
        switch (matcher.group(2)) {
          case "us" -> 1e3;
          case "ms" -> 1e6;
          default -> 1e9;
        };
    return Math.round(Double.parseDouble(matcher.group(1)) * unit);
  }

  private static double share(String word, String value) {
    double percent = Double.parseDouble(match(SHARE, word, value, "a share such as 1%").group(1));
    if (percent > 100) {
      throw new UsageException(word + ": more than all");
    }
    return percent / 100;
  }

  private static long rate(String word, String value) {
    if (value.equals("any")) {
      return 0;
    }
    Matcher matcher = match(RATE, word, value, "a rate such as 10mbit, or any");
    double unit =
        switch (matcher.group(2)) {
          case "k" -> 1e3;
          case "m" -> 1e6;
          default -> 1e9;
        };
    return Math.max(1, Math.round(Double.parseDouble(matcher.group(1)) * unit));
  }

  private static Matcher match(Pattern pattern, String word, String value, String wanted) {
    Matcher matcher = pattern.matcher(value);
    if (!matcher.matches()) {
      throw new UsageException(word + ": " + wanted + " is wanted");
    }
    return matcher;
  }
}
