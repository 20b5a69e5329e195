package dev.ringzero.vmm.smbios;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * What the machine says of itself to system management: maker, product, processors, memory. Ready
 * to be put into its memory; the entry point stands first.
 *
 * @param gpa where they belong: a multiple of 16 from 0xF0000 on, where systems look for them
 * @spec DMTF DSP0134, System Management BIOS Reference Specification
 */
public record SmbiosTables(long gpa, byte[] bytes) {
  private static final int ENTRY_BYTES = 24;
  private static final int ENTRY_AREA_BYTES = 32;
  private static final int ENTRY_CHECKSUM = 5;

  private static final String MAKER = "RingZero";
  private static final String PRODUCT = "RingZero Virtual Machine";
  private static final String VERSION = "1";
  private static final String DATE = "11/23/2026";

  private static final int BIOS = 0;
  private static final int SYSTEM = 1;
  private static final int CHASSIS = 3;
  private static final int PROCESSOR = 4;
  private static final int MEMORY_ARRAY = 16;
  private static final int MEMORY_DEVICE = 17;
  private static final int MEMORY_ARRAY_ADDRESS = 19;
  private static final int BOOT = 32;
  private static final int END = 127;

  private static final int BIOS_CHARACTERISTICS_NOT_SUPPORTED = 1 << 3;
  private static final int BIOS_ACPI = 1 << 0; // extension byte 1
  private static final int BIOS_VIRTUAL_MACHINE = 1 << 4; // extension byte 2
  private static final int SAFE = 3;
  private static final int OTHER = 1;
  private static final int UNKNOWN = 2;
  private static final int NO_HANDLE = 0xFFFE;
  private static final int FIRST_PROCESSOR_HANDLE = 0x400;
  private static final int MEMORY_ARRAY_HANDLE = 0x1000;
  private static final long MIB = 1 << 20;
  private static final int SIZE_IN_EXTENDED_FIELD = 0x7FFF;

  /** Makes the tables. */
  public static SmbiosTables of(long gpa, int processors, long memoryBytes) {
    ByteArrayOutputStream structures = new ByteArrayOutputStream();
    structures.writeBytes(bios());
    structures.writeBytes(system());
    structures.writeBytes(chassis());
    structures.writeBytes(processor(processors));
    structures.writeBytes(memoryArray(memoryBytes));
    structures.writeBytes(memoryDevice(memoryBytes));
    structures.writeBytes(memoryArrayAddress(memoryBytes));
    structures.writeBytes(new SmbiosStructure(BOOT, 0x2000).zeros(7).toByteArray());
    structures.writeBytes(new SmbiosStructure(END, 0x7F00).toByteArray());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(entryPoint(structures.size(), gpa + ENTRY_AREA_BYTES));
    out.writeBytes(new byte[ENTRY_AREA_BYTES - ENTRY_BYTES]);
    out.writeBytes(structures.toByteArray());
    return new SmbiosTables(gpa, out.toByteArray());
  }

  /** The 64-bit entry point, of version 3.3. */
  private static byte[] entryPoint(int structureBytes, long structuresGpa) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes("_SM3_".getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(new byte[] {0, ENTRY_BYTES, 3, 3, 0, 1, 0});
    littleEndian(out, structureBytes, 4);
    littleEndian(out, structuresGpa, 8);
    byte[] entry = out.toByteArray();
    int sum = 0;
    for (byte b : entry) {
      sum += b;
    }
    entry[ENTRY_CHECKSUM] = (byte) -sum;
    return entry;
  }

  private static void littleEndian(ByteArrayOutputStream out, long value, int sizeBytes) {
    for (int i = 0; i < sizeBytes; i++) {
      out.write((int) (value >>> 8 * i));
    }
  }

  private static byte[] bios() {
    return new SmbiosStructure(BIOS, 0)
        .text(MAKER)
        .text(VERSION)
        .put(0xE800, 2) // segment at which it starts
        .text(DATE)
        .put(0, 1) // 64 KiB
        .put(BIOS_CHARACTERISTICS_NOT_SUPPORTED, 8)
        .put(BIOS_ACPI, 1)
        .put(BIOS_VIRTUAL_MACHINE, 1)
        .put(1, 1) // release 1.0
        .put(0, 1)
        .put(0xFFFF, 2) // no embedded controller
        .zeros(2)
        .toByteArray();
  }

  private static byte[] system() {
    return new SmbiosStructure(SYSTEM, 0x100)
        .text(MAKER)
        .text(PRODUCT)
        .text(VERSION)
        .put(0, 1) // no serial number
        .zeros(16) // no UUID
        .put(6, 1) // woken by the power switch
        .zeros(2)
        .toByteArray();
  }

  private static byte[] chassis() {
    return new SmbiosStructure(CHASSIS, 0x300)
        .text(MAKER)
        .put(OTHER, 1)
        .zeros(3)
        .put(SAFE, 1)
        .put(SAFE, 1)
        .put(SAFE, 1)
        .put(UNKNOWN, 1)
        .zeros(8)
        .put(0, 1) // no SKU number
        .toByteArray();
  }

  private static byte[] processor(int count) {
    return new SmbiosStructure(PROCESSOR, FIRST_PROCESSOR_HANDLE)
        .text("CPU 0")
        .put(3, 1) // central processor
        .put(OTHER, 1)
        .text(MAKER)
        .zeros(8)
        .text(VERSION)
        .zeros(7)
        .put(0x41, 1) // socket populated, enabled
        .put(OTHER, 1)
        .put(0xFFFF, 2) // caches: not told
        .put(0xFFFF, 2)
        .put(0xFFFF, 2)
        .zeros(3)
        .put(Math.min(count, 0xFF), 1)
        .put(Math.min(count, 0xFF), 1)
        .put(Math.min(count, 0xFF), 1)
        .put(1 << 2, 2) // 64-bit capable
        .put(OTHER, 2)
        .put(count, 2)
        .put(count, 2)
        .put(count, 2)
        .toByteArray();
  }

  private static byte[] memoryArray(long memoryBytes) {
    return new SmbiosStructure(MEMORY_ARRAY, MEMORY_ARRAY_HANDLE)
        .put(OTHER, 1)
        .put(3, 1) // system memory
        .put(6, 1) // multi-bit error correction
        .put(0x8000_0000L, 4) // capacity in the last field
        .put(NO_HANDLE, 2)
        .put(1, 2)
        .put(memoryBytes, 8)
        .toByteArray();
  }

  private static byte[] memoryDevice(long memoryBytes) {
    long mebibytes = memoryBytes / MIB;
    boolean isLong = mebibytes >= SIZE_IN_EXTENDED_FIELD;
    return new SmbiosStructure(MEMORY_DEVICE, 0x1100)
        .put(MEMORY_ARRAY_HANDLE, 2)
        .put(NO_HANDLE, 2)
        .put(0xFFFF, 2) // widths: not told
        .put(0xFFFF, 2)
        .put(isLong ? SIZE_IN_EXTENDED_FIELD : mebibytes, 2)
        .put(9, 1) // DIMM
        .put(0, 1)
        .text("DIMM 0")
        .put(0, 1)
        .put(7, 1) // RAM
        .put(OTHER, 2)
        .put(0, 2)
        .text(MAKER)
        .zeros(4)
        .put(isLong ? mebibytes : 0, 4)
        .zeros(8)
        .toByteArray();
  }

  private static byte[] memoryArrayAddress(long memoryBytes) {
    return new SmbiosStructure(MEMORY_ARRAY_ADDRESS, 0x1300)
        .put(0xFFFF_FFFFL, 4) // addresses in the last fields
        .put(0xFFFF_FFFFL, 4)
        .put(MEMORY_ARRAY_HANDLE, 2)
        .put(1, 1)
        .put(0, 8)
        .put(memoryBytes - 1, 8)
        .toByteArray();
  }
}
