package dev.ringzero.cli.bench.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** What all pages of figures have in common: none needs another file or a network. */
public final class HtmlPage {
  private HtmlPage() {}

  /** The beginning, up to the title. */
  public static String begin(String title) {
    String text = HtmlText.escaped(title);
    return """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>%s</title>
    <style>
    %s</style>
    </head>
    <body>
    <main>
    <h1>%s</h1>
    """
        .formatted(text, style(), text);
  }

  /** The end. */
  public static String end() {
    return "</main>\n</body>\n</html>\n";
  }

  private static String style() {
    try (InputStream in = HtmlPage.class.getResourceAsStream("page.css")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
