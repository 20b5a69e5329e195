package dev.ringzero.vmm.smbios;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SmbiosTablesTest {
  private static final long GPA = 0xF_0000;

  private final SmbiosTables tables = SmbiosTables.of(GPA, 3, 64L << 30);
  private final ByteBuffer bytes = ByteBuffer.wrap(tables.bytes()).order(ByteOrder.LITTLE_ENDIAN);

  @Test
  void entryPointSumsToZeroAndLeadsToTheStructures() {
    int sum = 0;
    for (int i = 0; i < 24; i++) {
      sum += bytes.get(i);
    }
    assertThat(sum & 0xFF).isZero();
    assertThat(new String(tables.bytes(), 0, 5, StandardCharsets.US_ASCII)).isEqualTo("_SM3_");
    assertThat(bytes.getLong(16)).isEqualTo(GPA + 32);
    assertThat(bytes.getInt(12)).isEqualTo(tables.bytes().length - 32);
  }

  @Test
  void structuresFollowEachOtherToTheEnd() {
    List<Integer> types = new ArrayList<>();
    int at = 32;
    while (at < tables.bytes().length) {
      types.add(bytes.get(at) & 0xFF);
      at += bytes.get(at + 1) & 0xFF;
      while (bytes.getShort(at) != 0) {
        at++;
      }
      at += 2;
    }
    assertThat(types).containsExactly(0, 1, 3, 4, 16, 17, 19, 32, 127);
    assertThat(at).isEqualTo(tables.bytes().length);
  }

  @Test
  void formattedPartsHaveTheLengthsOfTheirVersion() {
    int at = 32;
    int[] lengths = {26, 27, 22, 48, 23, 40, 31, 11, 4};
    for (int length : lengths) {
      assertThat(bytes.get(at + 1)).isEqualTo((byte) length);
      at += length;
      while (bytes.getShort(at) != 0) {
        at++;
      }
      at += 2;
    }
  }
}
