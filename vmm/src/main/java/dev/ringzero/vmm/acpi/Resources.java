package dev.ringzero.vmm.acpi;

import java.io.ByteArrayOutputStream;

/**
 * A resource template: what a device occupies, as _CRS tells.
 *
 * @spec ACPI Specification 6.5, "Resource Data Types for ACPI"
 */
final class Resources {
  private static final int IRQ_NO_FLAGS = 0x22;
  private static final int IO_PORT = 0x47;
  private static final int END_TAG = 0x79;
  private static final int MEMORY_32_FIXED = 0x86;
  private static final int DWORD_SPACE = 0x87;
  private static final int WORD_SPACE = 0x88;
  private static final int QWORD_SPACE = 0x8A;

  private static final int TYPE_MEMORY = 0;
  private static final int TYPE_IO = 1;
  private static final int TYPE_BUS = 2;
  private static final int MIN_AND_MAX_FIXED = 0x0C;
  private static final int READ_WRITE = 1;
  private static final int PREFETCHABLE = 3 << 1;
  private static final int ENTIRE_RANGE = 3;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  Resources ports(int first, int count) {
    put(IO_PORT, 1).put(1, 1).put(first, 2).put(first, 2).put(1, 1).put(count, 1);
    return this;
  }

  Resources interrupt(int irq) {
    return put(IRQ_NO_FLAGS, 1).put(1 << irq, 2);
  }

  Resources memory(long gpa, long lengthBytes) {
    return put(MEMORY_32_FIXED, 1).put(9, 2).put(READ_WRITE, 1).put(gpa, 4).put(lengthBytes, 4);
  }

  /** Bus numbers that a bridge hands on. */
  Resources busWindow(int first, int last) {
    return space(WORD_SPACE, TYPE_BUS, 0, first, last, 2);
  }

  /** Ports that a bridge hands on. */
  Resources portWindow(int first, int last) {
    return space(WORD_SPACE, TYPE_IO, ENTIRE_RANGE, first, last, 2);
  }

  /** Memory below 4 GiB that a bridge hands on. */
  Resources memoryWindow(long first, long last) {
    return space(DWORD_SPACE, TYPE_MEMORY, READ_WRITE, first, last, 4);
  }

  /** Memory above 4 GiB that a bridge hands on. */
  Resources memoryWindow64(long first, long last) {
    return space(QWORD_SPACE, TYPE_MEMORY, READ_WRITE | PREFETCHABLE, first, last, 8);
  }

  private Resources space(int tag, int type, int flags, long first, long last, int width) {
    put(tag, 1).put(3 + 5 * width, 2);
    put(type, 1).put(MIN_AND_MAX_FIXED, 1).put(flags, 1);
    put(0, width).put(first, width).put(last, width).put(0, width);
    return put(last - first + 1, width);
  }

  private Resources put(long value, int sizeBytes) {
    out.writeBytes(Aml.littleEndian(value, sizeBytes));
    return this;
  }

  /** The template as a buffer object. */
  byte[] template() {
    put(END_TAG, 1).put(0, 1);
    return Aml.buffer(out.toByteArray());
  }
}
