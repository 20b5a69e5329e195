package dev.ringzero.vmm.boot;

import dev.ringzero.vmm.boot.MultibootLoader.PlacedModule;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a multiboot kernel is told at its start, in one piece of memory.
 *
 * <p>Not modelled: the boot device, symbols, BIOS and VBE tables; of version 2 also the tags that
 * hold copies of firmware's tables, which lie where BIOS-booted systems look for them.
 *
 * @spec Multiboot Specification 0.6.96, "Boot information format"
 * @spec Multiboot2 Specification 2.0, "Boot information format"
 */
final class MultibootInformation {
  private static final String LOADER = "RingZero";
  private static final int KIBIBYTE_SHIFT = 10;

  private static final int FLAGS = 0;
  private static final int MEM_LOWER = 4;
  private static final int MEM_UPPER = 8;
  private static final int CMDLINE = 16;
  private static final int MODS_COUNT = 20;
  private static final int MODS_ADDR = 24;
  private static final int MMAP_LENGTH = 44;
  private static final int MMAP_ADDR = 48;
  private static final int BOOT_LOADER_NAME = 64;
  private static final int BYTES = 120;
  private static final int PRESENT = 1 << 0 | 1 << 2 | 1 << 3 | 1 << 6 | 1 << 9;
  private static final int MODULE_BYTES = 16;
  private static final int MAP_ENTRY_BYTES = 24;

  private static final int TAG_COMMAND_LINE = 1;
  private static final int TAG_LOADER = 2;
  private static final int TAG_MODULE = 3;
  private static final int TAG_MEMORY = 4;
  private static final int TAG_MAP = 6;
  private static final int TAG_HEADER_BYTES = 8;
  private static final int INFORMATION_HEADER_BYTES = 8;

  private final long gpa;
  private final MemoryMap map;

  /** What is to be at an address. */
  MultibootInformation(long gpa, MemoryMap map) {
    this.gpa = gpa;
    this.map = map;
  }

  private static byte[] text(String words) {
    return (words + '\0').getBytes(StandardCharsets.UTF_8);
  }

  private static long lowerKibibytes() {
    return BootLayout.BIOS_DATA >>> KIBIBYTE_SHIFT;
  }

  private long upperKibibytes() {
    return map.lowRamEnd() - BootLayout.BIOS_END >>> KIBIBYTE_SHIFT;
  }

  byte[] version1(String commandLine, List<PlacedModule> modules) {
    int mapAt = BYTES;
    int modulesAt = mapAt + map.entries().size() * MAP_ENTRY_BYTES;
    int textAt = modulesAt + modules.size() * MODULE_BYTES;
    int textBytes = text(commandLine).length + text(LOADER).length;
    for (PlacedModule module : modules) {
      textBytes += text(module.words()).length;
    }
    Structure info = new Structure(textAt + textBytes);
    info.put32(FLAGS, PRESENT)
        .put32(MEM_LOWER, lowerKibibytes())
        .put32(MEM_UPPER, upperKibibytes())
        .put32(CMDLINE, gpa + textAt)
        .put32(MODS_COUNT, modules.size())
        .put32(MODS_ADDR, gpa + modulesAt)
        .put32(MMAP_LENGTH, modulesAt - mapAt)
        .put32(MMAP_ADDR, gpa + mapAt);
    int at = mapAt;
    for (MemoryMap.Entry entry : map.entries()) {
      info.put32(at, MAP_ENTRY_BYTES - Integer.BYTES)
          .put64(at + 4, entry.gpa())
          .put64(at + 12, entry.lengthBytes())
          .put32(at + 20, entry.type().number);
      at += MAP_ENTRY_BYTES;
    }
    int words = textAt + text(commandLine).length;
    info.put(textAt, text(commandLine));
    for (PlacedModule module : modules) {
      info.put32(at, module.gpa()).put32(at + 4, module.endGpa()).put32(at + 8, gpa + words);
      info.put(words, text(module.words()));
      words += text(module.words()).length;
      at += MODULE_BYTES;
    }
    return info.put(words, text(LOADER)).put32(BOOT_LOADER_NAME, gpa + words).array();
  }

  byte[] version2(String commandLine, List<PlacedModule> modules) {
    int mapBytes = 2 * TAG_HEADER_BYTES + map.entries().size() * MAP_ENTRY_BYTES;
    int bytes = INFORMATION_HEADER_BYTES + tagBytes(text(commandLine).length);
    bytes += tagBytes(text(LOADER).length) + tagBytes(2 * Integer.BYTES) + mapBytes;
    for (PlacedModule module : modules) {
      bytes += tagBytes(2 * Integer.BYTES + text(module.words()).length);
    }
    Structure info = new Structure(bytes + TAG_HEADER_BYTES).put32(0, bytes + TAG_HEADER_BYTES);
    int at = string(info, INFORMATION_HEADER_BYTES, TAG_COMMAND_LINE, 0, commandLine);
    at = string(info, at, TAG_LOADER, 0, LOADER);
    for (PlacedModule module : modules) {
      info.put32(at + 8, module.gpa()).put32(at + 12, module.endGpa());
      at = string(info, at, TAG_MODULE, 2 * Integer.BYTES, module.words());
    }
    info.put32(at, TAG_MEMORY)
        .put32(at + 4, TAG_HEADER_BYTES + 2 * Integer.BYTES)
        .put32(at + 8, lowerKibibytes())
        .put32(at + 12, upperKibibytes());
    at += tagBytes(2 * Integer.BYTES);
    info.put32(at, TAG_MAP).put32(at + 4, mapBytes).put32(at + 8, MAP_ENTRY_BYTES);
    at += 2 * TAG_HEADER_BYTES;
    for (MemoryMap.Entry entry : map.entries()) {
      info.put64(at, entry.gpa())
          .put64(at + 8, entry.lengthBytes())
          .put32(at + 16, entry.type().number);
      at += MAP_ENTRY_BYTES;
    }
    return info.put32(at + 4, TAG_HEADER_BYTES).array();
  }

  /** Bytes that a tag takes, the next one aligned. */
  private static int tagBytes(int contentBytes) {
    return TAG_HEADER_BYTES + contentBytes + 7 & ~7;
  }

  /** Writes a tag that ends in text. */
  private static int string(Structure info, int at, int type, int before, String words) {
    byte[] text = text(words);
    info.put32(at, type).put32(at + 4, TAG_HEADER_BYTES + before + text.length);
    info.put(at + TAG_HEADER_BYTES + before, text);
    return at + tagBytes(before + text.length);
  }
}
