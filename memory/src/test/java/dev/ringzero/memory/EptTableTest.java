package dev.ringzero.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.x86.Ept;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EptTableTest {
  private final EptTable table = new EptTable(FramePool.host());

  @AfterEach
  void destroy() {
    table.destroy();
    assertThat(table.tableFrames()).isZero();
  }

  @Test
  void pagesOfAllSizesTranslate() {
    table.map(0x1000, 0x7000, EptTable.SIZE_4K, Ept.RIGHTS);
    table.map(0x40_0000, 0x20_0000, EptTable.SIZE_2M, Ept.RIGHTS);
    table.map(0x4000_0000, 0x8000_0000L, EptTable.SIZE_1G, Ept.READ);

    assertThat(table.hpa(0x1234)).isEqualTo(0x7234);
    assertThat(table.hpa(0x41_2345)).isEqualTo(0x21_2345);
    assertThat(table.hpa(0x5234_5678)).isEqualTo(0x9234_5678L);
    assertThat(table.hpa(0x2000)).isEqualTo(-1);
    assertThat(table.hpa(-1)).isEqualTo(-1);
  }

  @Test
  void leavesHaveTheFormatOfTheManual() {
    table.map(0x40_0000, 0x20_0000, EptTable.SIZE_2M, Ept.READ | Ept.EXECUTE);

    assertThat(table.leaf(0x40_0000)).isEqualTo(0x20_0000 | 0b1_0110_101);
    assertThat(table.pointer() & 0xFFF).isEqualTo(0x5E);
  }

  @Test
  void splitKeepsTranslationRightsAndDirtyBit() {
    table.map(0x40_0000, 0x20_0000, EptTable.SIZE_2M, Ept.READ | Ept.WRITE);
    table.touch(0x40_0000, true);

    table.split(0x40_5000);

    assertThat(table.mappedSize(0x40_5000)).isEqualTo(EptTable.SIZE_4K);
    assertThat(table.hpa(0x40_5678)).isEqualTo(0x20_5678);
    assertThat(table.leaf(0x5F_F000))
        .isEqualTo(0x3F_F000 | Ept.READ | Ept.WRITE | Ept.WRITE_BACK | Ept.ACCESSED | Ept.DIRTY);
  }

  @Test
  void unmapReturnsTheLeaf() {
    table.map(0x1000, 0x7000, EptTable.SIZE_4K, Ept.READ);

    assertThat(table.unmap(0x1000, EptTable.SIZE_4K)).isEqualTo(0x7000 | Ept.READ | Ept.WRITE_BACK);
    assertThat(table.hpa(0x1000)).isEqualTo(-1);
  }

  @Test
  void nothingIsMappedTwice() {
    table.map(0x40_0000, 0x20_0000, EptTable.SIZE_2M, Ept.READ);
    assertThatThrownBy(() -> table.map(0x40_1000, 0x7000, EptTable.SIZE_4K, Ept.READ))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> table.map(0x40_0000, 0x7000, EptTable.SIZE_2M, Ept.READ))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void protectChangesRightsOnly() {
    table.map(0x1000, 0x7000, EptTable.SIZE_4K, Ept.RIGHTS);
    table.protect(0x1000, EptTable.SIZE_4K, Ept.READ);

    assertThat(table.leaf(0x1000)).isEqualTo(0x7000 | Ept.READ | Ept.WRITE_BACK);
  }

  @Test
  void leavesAreVisitedInOrder() {
    table.map(0x40_0000, 0x20_0000, EptTable.SIZE_2M, Ept.READ);
    table.map(0x1000, 0x7000, EptTable.SIZE_4K, Ept.READ);
    List<Long> gpas = new ArrayList<>();
    table.forEachLeaf((gpa, entry, sizeBytes) -> gpas.add(gpa));

    assertThat(gpas).containsExactly(0x1000L, 0x40_0000L);
  }
}
