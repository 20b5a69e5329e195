package dev.ringzero.x86.instruction;

import java.util.random.RandomGenerator;

/** Random instruction bytes that reach all opcode maps and prefix combinations. */
final class RandomCode {
  private static final byte[] PREFIXES = {
    0x66, 0x67, (byte) 0xF2, (byte) 0xF3, (byte) 0xF0, 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65
  };

  private final RandomGenerator random;
  private final byte[] bytes = new byte[Decoder.MAX_LENGTH];

  RandomCode(RandomGenerator random) {
    this.random = random;
  }

  /** Fills and gives one array, over and over. */
  byte[] next() {
    random.nextBytes(bytes);
    int at = 0;
    int choice = random.nextInt(16);
    if (choice >= 10) {
      if (random.nextInt(4) == 0) {
        bytes[at++] = PREFIXES[random.nextInt(PREFIXES.length)];
      }
      vex(at);
      return bytes;
    }
    for (int count = Math.max(0, random.nextInt(6) - 2); count > 0; count--) {
      int prefix = random.nextInt(random.nextBoolean() ? 4 : PREFIXES.length);
      bytes[at++] = PREFIXES[prefix];
    }
    if (random.nextInt(3) == 0) {
      bytes[at++] = (byte) (0x40 | random.nextInt(16));
    }
    switch (choice) {
      case 0, 1, 2, 3 -> bytes[at] = 0x0F;
      case 4, 5 -> {
        bytes[at++] = 0x0F;
        bytes[at] = 0x38;
      }
      case 6 -> {
        bytes[at++] = 0x0F;
        bytes[at] = 0x3A;
      }
      default -> {}
    }
    return bytes;
  }

  private void vex(int at) {
    boolean free = random.nextInt(3) > 0;
    if (random.nextInt(3) == 0) {
      bytes[at] = (byte) 0xC5;
      bytes[at + 1] |= (byte) (free ? 0xF8 : 0x80);
    } else {
      bytes[at] = (byte) 0xC4;
      bytes[at + 1] = (byte) (bytes[at + 1] & 0xE0 | 0xC0 & bytes[at + 3] | 1 + random.nextInt(3));
      if (free) {
        bytes[at + 2] |= 0x78;
      }
    }
  }
}
