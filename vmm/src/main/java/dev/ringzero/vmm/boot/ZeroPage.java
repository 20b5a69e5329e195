package dev.ringzero.vmm.boot;

import dev.ringzero.images.kernel.SetupHeader;
import java.util.List;
import java.util.Optional;

/**
 * Linux's boot parameters.
 *
 * @spec Linux Documentation/arch/x86/zero-page.rst
 * @spec Linux Documentation/arch/x86/boot.rst, Details of Header Fields
 */
final class ZeroPage {
  private static final int BYTES = 4096;
  private static final int ACPI_RSDP_ADDR = 0x070;
  private static final int E820_ENTRIES = 0x1E8;
  private static final int VID_MODE = 0x1FA;
  private static final int BOOT_FLAG = 0x1FE;
  private static final int HEADER = 0x202;
  private static final int VERSION = 0x206;
  private static final int TYPE_OF_LOADER = 0x210;
  private static final int LOADFLAGS = 0x211;
  private static final int RAMDISK_IMAGE = 0x218;
  private static final int RAMDISK_SIZE = 0x21C;
  private static final int CMD_LINE_PTR = 0x228;
  private static final int E820_TABLE = 0x2D0;
  private static final int E820_ENTRY_BYTES = 20;
  private static final int E820_MAX_ENTRIES = 128;

  private static final int BOOT_FLAG_VALUE = 0xAA55;
  private static final int HEADER_VALUE = 0x5372_6448; // "HdrS"
  private static final int NEWEST_VERSION = 0x20F;
  private static final int LOADER_UNDEFINED = 0xFF;
  private static final int VID_MODE_NORMAL = 0xFFFF;
  private static final int LOADED_HIGH = 1;
  private static final int KASLR_FLAG = 2;

  private final Structure page = new Structure(BYTES);

  ZeroPage(Optional<SetupHeader> header) {
    header.ifPresentOrElse(
        present -> page.put(SetupHeader.OFFSET, present.bytes()),
        () ->
            page.put16(BOOT_FLAG, BOOT_FLAG_VALUE)
                .put32(HEADER, HEADER_VALUE)
                .put16(VERSION, NEWEST_VERSION)
                .put8(LOADFLAGS, LOADED_HIGH));
    page.put8(TYPE_OF_LOADER, LOADER_UNDEFINED)
        .put16(VID_MODE, VID_MODE_NORMAL)
        .put32(CMD_LINE_PTR, BootLayout.COMMAND_LINE);
  }

  ZeroPage memoryMap(MemoryMap map) {
    List<MemoryMap.Entry> entries = map.entries();
    int count = Math.min(entries.size(), E820_MAX_ENTRIES);
    page.put8(E820_ENTRIES, count);
    for (int i = 0; i < count; i++) {
      MemoryMap.Entry entry = entries.get(i);
      int offset = E820_TABLE + i * E820_ENTRY_BYTES;
      page.put64(offset, entry.gpa())
          .put64(offset + 8, entry.lengthBytes())
          .put32(offset + 16, entry.type().number);
    }
    return this;
  }

  ZeroPage initrd(long gpa, long lengthBytes) {
    page.put32(RAMDISK_IMAGE, gpa).put32(RAMDISK_SIZE, lengthBytes);
    return this;
  }

  ZeroPage rsdp(long gpa) {
    page.put64(ACPI_RSDP_ADDR, gpa);
    return this;
  }

  /** Tells the kernel that its place is random, so that it makes its other places random too. */
  ZeroPage randomized() {
    page.put8(LOADFLAGS, page.get8(LOADFLAGS) | KASLR_FLAG);
    return this;
  }

  byte[] bytes() {
    return page.array();
  }
}
