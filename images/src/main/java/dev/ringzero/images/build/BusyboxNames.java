package dev.ringzero.images.build;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The names under which a busybox can be called. It holds them in one sorted table, each ended by a
 * NUL, which begins with {@code [} and {@code [[}.
 */
final class BusyboxNames {
  private static final byte[] BEGIN = "\0[\0[[\0".getBytes(StandardCharsets.US_ASCII);
  private static final int LONGEST_NAME = 32;

  private BusyboxNames() {}

  static List<String> in(byte[] busybox) {
    List<String> names = new ArrayList<>();
    for (int at = begin(busybox) + 1; at < busybox.length; ) {
      int end = at;
      while (end < busybox.length && busybox[end] != 0 && end - at <= LONGEST_NAME) {
        end++;
      }
      String name = new String(busybox, at, end - at, StandardCharsets.US_ASCII);
      if (!name.matches("[a-z0-9\\[][a-z0-9_.+\\[-]*") || !isBehind(names, name)) {
        break;
      }
      names.add(name);
      at = end + 1;
    }
    return names;
  }

  private static boolean isBehind(List<String> names, String name) {
    return names.isEmpty() || names.getLast().compareTo(name) < 0;
  }

  private static int begin(byte[] busybox) {
    for (int at = 0; at + BEGIN.length <= busybox.length; at++) {
      if (Arrays.equals(busybox, at, at + BEGIN.length, BEGIN, 0, BEGIN.length)) {
        return at;
      }
    }
    return busybox.length;
  }
}
