package dev.ringzero.cli.bench.report;

/** Text that stands in a page as it is. */
public final class HtmlText {
  private HtmlText() {}

  /** With what a page would take for its own marked. */
  public static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
