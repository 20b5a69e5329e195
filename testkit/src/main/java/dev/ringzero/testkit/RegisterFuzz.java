package dev.ringzero.testkit;

import dev.ringzero.memory.MmioDevice;
import dev.ringzero.memory.PortDevice;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** A hostile driver: reads and writes a device's registers at random while time passes. */
public final class RegisterFuzz {
  private static final int ACCESSES = 20_000;
  private static final long LONGEST_STEP_NANOS = 2_000_000;
  private static final int[] VALUES = {0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, -1, 0x8000_0000};

  private final RandomGenerator random;
  private final FakeClock clock;

  public RegisterFuzz(long seed, FakeClock clock) {
    this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    this.clock = clock;
  }

  /** Accesses ports; every answer must fit its width. */
  public void ports(PortDevice device, int count) {
    for (int i = 0; i < ACCESSES; i++) {
      int size = 1 << random.nextInt(3);
      if (size <= count) {
        int offset = random.nextInt(count - size + 1);
        if (random.nextBoolean()) {
          check(device.readPort(offset, size), size);
        } else {
          device.writePort(offset, size, value() & mask(size));
        }
      }
      passTime();
    }
  }

  /** Accesses memory-mapped registers; every answer must fit its width. */
  public void memory(MmioDevice device, int lengthBytes) {
    for (int i = 0; i < ACCESSES; i++) {
      int size = 1 << random.nextInt(4);
      int offset = random.nextInt(lengthBytes - size + 1);
      if (random.nextInt(4) != 0) {
        offset &= -size;
      }
      if (random.nextBoolean()) {
        check(device.read(offset, size), size);
      } else {
        device.write(offset, size, value() & mask(size));
      }
      passTime();
    }
  }

  private long value() {
    return random.nextBoolean() ? random.nextLong() : VALUES[random.nextInt(VALUES.length)];
  }

  private void passTime() {
    if (random.nextInt(8) == 0) {
      clock.advance(random.nextLong(LONGEST_STEP_NANOS));
    }
  }

  private static long mask(int sizeBytes) {
    return sizeBytes == 8 ? -1 : (1L << 8 * sizeBytes) - 1;
  }

  private static void check(long value, int sizeBytes) {
    if ((value & ~mask(sizeBytes)) != 0) {
      throw new AssertionError(
          "a read of " + sizeBytes + " bytes gave 0x" + Long.toHexString(value));
    }
  }
}
