package dev.ringzero.testkit.guest;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The descriptor and page tables of a bare-metal guest. */
final class BareMetalTables {
  private static final long GDT = 0x1E00;
  private static final long GDT_POINTER = 0x1F00;
  private static final long IDT_POINTER = 0x1F10;
  private static final long EMPTY_IDT_POINTER = 0x1F20;
  private static final long STRING = 0x1F40;
  private static final long PML4 = 0x2000;
  private static final long PDPT = 0x3000;
  private static final long PAGE_DIRECTORY = 0x4000;
  private static final long IDT = 0x5000;
  private static final long TABLE = 3;
  private static final long LARGE_PAGE = 0x83;
  private static final long INTERRUPT_GATE = 0x8E00L << 32 | 8L << 16;

  private BareMetalTables() {}

  static void load(BareMetalRam ram, int vector, long handler) {
    words(ram, GDT, 0, 0x00AF_9B00_0000_FFFFL, 0x00CF_9300_0000_FFFFL, 0x00CF_9B00_0000_FFFFL);
    words(ram, GDT_POINTER, 0x1F | GDT << 16);
    words(ram, IDT_POINTER, 0xFFF | IDT << 16, 0);
    words(ram, EMPTY_IDT_POINTER, 0, 0);
    words(ram, STRING, 0x0063_6261L); // "abc"
    words(ram, PML4, PDPT | TABLE);
    words(ram, PDPT, PAGE_DIRECTORY | TABLE);
    words(ram, PAGE_DIRECTORY, LARGE_PAGE, 0, BareMetalMachine.DEVICE | LARGE_PAGE, 0);
    words(ram, IDT + vector * 16L, handler | INTERRUPT_GATE, 0);
    words(ram, BareMetalGuest.RESULT, 0, 0);
  }

  private static void words(BareMetalRam ram, long gpa, long... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 8).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      bytes.putLong(value);
    }
    ram.write(gpa, bytes.array());
  }
}
