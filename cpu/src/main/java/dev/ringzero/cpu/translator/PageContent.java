package dev.ringzero.cpu.translator;

import java.util.Arrays;

/**
 * The 4096 bytes of a page of guest code, and what was translated from them in each mode. Frames
 * that hold the same, of whichever machine, have the same code.
 */
final class PageContent {
  final byte[] bytes;
  private final int hash;
  private final TranslatedPage[] pages = new TranslatedPage[TranslationMode.COUNT];

  /** The content of a page, of which the bytes are kept. */
  PageContent(byte[] bytes) {
    this.bytes = bytes;
    hash = Arrays.hashCode(bytes);
  }

  /** What was translated from it in a mode, or null. */
  TranslatedPage page(TranslationMode mode) {
    return pages[mode.number()];
  }

  void page(TranslationMode mode, TranslatedPage page) {
    pages[mode.number()] = page;
  }

  /** Whether nothing is kept that was translated from it. */
  boolean isUnused() {
    for (TranslatedPage page : pages) {
      if (page != null) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PageContent content
        && content.hash == hash
        && Arrays.equals(content.bytes, bytes);
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
