package dev.ringzero.x86.instruction;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** The code of a 64-bit ELF file: real instructions for decoder tests. */
final class ElfText {
  private static final int PROGBITS = 1;
  private static final int EXECUTABLE = 4;

  private ElfText() {}

  /** Bytes of the largest executable section, or of none if the file is no x86-64 ELF file. */
  static byte[] of(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer elf = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.length < 64 || elf.getInt(0) != 0x464C457F || elf.getShort(18) != 62) {
      return new byte[0];
    }
    long sections = elf.getLong(40);
    int entrySize = elf.getShort(58);
    int count = elf.getShort(60);
    byte[] largest = new byte[0];
    for (int i = 0; i < count; i++) {
      int header = (int) sections + i * entrySize;
      int size = (int) elf.getLong(header + 32);
      boolean code =
          elf.getInt(header + 4) == PROGBITS && (elf.getLong(header + 8) & EXECUTABLE) != 0;
      if (code && size > largest.length) {
        largest = new byte[size];
        elf.get((int) elf.getLong(header + 24), largest);
      }
    }
    return largest;
  }
}
