package dev.ringzero.vmm.boot;

import java.util.List;

/**
 * What a PVH guest is told at its start: the start information, the list of modules and the memory
 * map, one behind another.
 *
 * @spec Xen public/arch-x86/hvm/start_info.h
 */
final class StartInfo {
  private static final int MAGIC = 0x336E_C578;
  private static final int VERSION = 1;
  private static final int MODULE_COUNT = 12;
  private static final int MODULE_LIST = 16;
  private static final int COMMAND_LINE = 24;
  private static final int RSDP = 32;
  private static final int MEMORY_MAP = 40;
  private static final int MEMORY_MAP_COUNT = 48;
  private static final int BYTES = 56;
  private static final int MODULE_BYTES = 32;
  private static final int MAP_ENTRY_BYTES = 24;

  private StartInfo() {}

  static byte[] bytes(MemoryMap map, InitrdPlace initrd, long rsdpGpa) {
    List<MemoryMap.Entry> entries = map.entries();
    int mapOffset = BYTES + MODULE_BYTES;
    Structure info = new Structure(mapOffset + entries.size() * MAP_ENTRY_BYTES);
    info.put32(0, MAGIC)
        .put32(4, VERSION)
        .put64(COMMAND_LINE, BootLayout.COMMAND_LINE)
        .put64(RSDP, rsdpGpa)
        .put64(MEMORY_MAP, BootLayout.START_INFO + mapOffset)
        .put32(MEMORY_MAP_COUNT, entries.size());
    if (initrd.lengthBytes() > 0) {
      info.put32(MODULE_COUNT, 1)
          .put64(MODULE_LIST, BootLayout.START_INFO + BYTES)
          .put64(BYTES, initrd.gpa())
          .put64(BYTES + 8, initrd.lengthBytes());
    }
    for (int i = 0; i < entries.size(); i++) {
      MemoryMap.Entry entry = entries.get(i);
      int offset = mapOffset + i * MAP_ENTRY_BYTES;
      info.put64(offset, entry.gpa())
          .put64(offset + 8, entry.lengthBytes())
          .put32(offset + 16, entry.type().number);
    }
    return info.array();
  }
}
