package dev.ringzero.vmm.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.vmm.boot.BootPlan.Piece;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

final class BiosDataTest {
  private static int read(long gpa, int bytes) {
    int value = 0;
    for (int i = bytes - 1; i >= 0; i--) {
      value = value << 8 | byteAt(gpa + i);
    }
    return value;
  }

  private static int byteAt(long gpa) {
    for (Piece piece : BiosData.pieces()) {
      if (gpa >= piece.gpa() && gpa < piece.endGpa()) {
        return ByteBuffer.wrap(piece.bytes())
                .order(ByteOrder.LITTLE_ENDIAN)
                .get((int) (gpa - piece.gpa()))
            & 0xFF;
      }
    }
    throw new AssertionError("nothing at 0x" + Long.toHexString(gpa));
  }

  private static long handler(int vector) {
    return ((long) read(4L * vector + 2, 2) << 4) + read(4L * vector, 2);
  }

  @Test
  void dataSayWhereLowMemoryEnds() {
    assertThat(read(0x40E, 2) << 4).isEqualTo((int) BootLayout.BIOS_DATA);
    assertThat(read(0x413, 2)).isEqualTo(639);
    assertThat(byteAt(BootLayout.BIOS_DATA)).as("its length").isEqualTo(1);
  }

  @Test
  void everyVectorHasAHandler() {
    for (int vector = 0; vector < 256; vector++) {
      assertThat(byteAt(handler(vector))).as("vector %x", vector).isNotZero();
    }
  }

  @Test
  void servicesFailAndInterruptsAreEnded() {
    assertThat(read(handler(0x15) + 3, 4)).as("or byte [bp+6], 1").isEqualTo(0x01064E80);
    assertThat(read(handler(0x12), 3)).as("mov ax, 639").isEqualTo(0x027FB8);
    assertThat(read(handler(0x08) + 1, 4)).as("to the master").isEqualTo(0x20E620B0);
    assertThat(read(handler(0x73) + 3, 4)).as("to both").isEqualTo(0x20E6A0E6);
  }
}
