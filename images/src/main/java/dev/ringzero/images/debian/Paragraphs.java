package dev.ringzero.images.debian;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads paragraphs of {@code Field: value} lines in turn, as package lists hold them. A field's
 * further lines are joined to its first with line feeds.
 *
 * @spec Debian Policy, Syntax of control files
 */
public final class Paragraphs {
  private final BufferedReader in;

  public Paragraphs(Reader in) {
    this.in = new BufferedReader(in, 1 << 16);
  }

  /**
   * Reads the next paragraph.
   *
   * @return its fields by name, or null at the end
   */
  public Map<String, String> next() throws IOException {
    Map<String, String> fields = new HashMap<>();
    String last = "";
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.isBlank()) {
        if (!fields.isEmpty()) {
          return fields;
        }
      } else if (Character.isWhitespace(line.charAt(0))) {
        String further = line;
        fields.computeIfPresent(last, (name, text) -> text + "\n" + further);
      } else {
        int colon = line.indexOf(':');
        last = colon < 0 ? "" : line.substring(0, colon);
        if (colon > 0) {
          fields.put(last, line.substring(colon + 1).strip());
        }
      }
    }
    return fields.isEmpty() ? null : fields;
  }
}
