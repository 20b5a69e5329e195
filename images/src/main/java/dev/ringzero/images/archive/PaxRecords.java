package dev.ringzero.images.archive;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * The attributes that a pax extended header gives to the entry behind it.
 *
 * @spec POSIX.1-2017 pax, pax Extended Header
 */
record PaxRecords(Map<String, String> values) {

  static PaxRecords parse(String text) {
    Map<String, String> values = new HashMap<>();
    for (String line : text.split("\n")) {
      int space = line.indexOf(' ');
      int equals = line.indexOf('=');
      if (space > 0 && equals > space) {
        values.put(line.substring(space + 1, equals), line.substring(equals + 1));
      }
    }
    return new PaxRecords(values);
  }

  String value(String key, String otherwise) {
    return values.getOrDefault(key, otherwise);
  }

  long size(long otherwise) throws IOException {
    String digits = values.get("size");
    try {
      return digits == null ? otherwise : Long.parseUnsignedLong(digits);
    } catch (NumberFormatException e) {
      throw new IOException("tar archive has a damaged size", e);
    }
  }
}
