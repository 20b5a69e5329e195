package dev.ringzero.cpu.translator;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Which blocks of guest code were translated: what a {@link TranslationArchive} is made from. */
final class TranslationProfile {
  private static final int MOST_BLOCKS = 1 << 17;

  final String identity;
  final boolean counted;
  private final List<Entry> entries = new ArrayList<>();

  /**
   * A block.
   *
   * @param page what its page holds
   * @param linear address of the page
   */
  record Entry(byte[] page, TranslationMode mode, long linear, int offset) {}

  /**
   * A profile without blocks.
   *
   * @param counted whether code of the archive is to count what it runs
   */
  TranslationProfile(String identity, boolean counted) {
    this.identity = identity;
    this.counted = counted;
  }

  List<Entry> entries() {
    return entries;
  }

  void add(TranslatedPage page, long linear, int offset) {
    if (entries.size() < MOST_BLOCKS) {
      entries.add(new Entry(page.content.bytes, page.mode, linear, offset));
    }
  }

  void write(Path path) throws IOException {
    Map<byte[], Integer> pages = new IdentityHashMap<>();
    List<byte[]> inOrder = new ArrayList<>();
    for (Entry entry : entries) {
      if (pages.putIfAbsent(entry.page, inOrder.size()) == null) {
        inOrder.add(entry.page);
      }
    }
    try (var out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(path)))) {
      out.writeUTF(identity);
      out.writeBoolean(counted);
      out.writeInt(inOrder.size());
      for (byte[] page : inOrder) {
        out.write(page);
      }
      out.writeInt(entries.size());
      for (Entry entry : entries) {
        out.writeInt(pages.get(entry.page));
        out.writeByte(entry.mode.number());
        out.writeLong(entry.linear);
        out.writeShort(entry.offset);
      }
    }
  }

  static TranslationProfile read(Path path) throws IOException {
    try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(path)))) {
      TranslationProfile profile = new TranslationProfile(in.readUTF(), in.readBoolean());
      byte[][] pages = new byte[in.readInt()][];
      for (int n = 0; n < pages.length; n++) {
        pages[n] = in.readNBytes(GuestBlock.PAGE_BYTES);
      }
      int count = in.readInt();
      for (int n = 0; n < count; n++) {
        byte[] page = pages[in.readInt()];
        TranslationMode mode = TranslationMode.ALL[in.readByte()];
        profile.entries.add(new Entry(page, mode, in.readLong(), in.readShort()));
      }
      return profile;
    }
  }
}
