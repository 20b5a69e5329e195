package dev.ringzero.cpu.translator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JumpCacheTest {
  private static final long CODE = 0x7fff_0000_1000L;

  private JumpCache jumps;

  @BeforeEach
  void anEmptyCache() {
    jumps = new JumpCache(new StateBlock());
    jumps.clear();
    jumps.keys(5, 6, 5);
  }

  @Test
  void onlyTheEntriesOfTheDroppedPagesGo() {
    for (int page = 0; page < 8; page++) {
      jumps.put(CODE + 4096L * page + 0x10, 100 + page, 0);
    }
    jumps.dropPages(CODE + 4096 * 2, 3);
    for (int page = 0; page < 8; page++) {
      boolean dropped = page >= 2 && page < 5;
      assertThat(jumps.find(CODE + 4096L * page + 0x10)).isEqualTo(dropped ? 0 : 100 + page);
    }
  }

  @Test
  void anInstructionThatReachesIntoTheDroppedPageGoes() {
    jumps.put(CODE + 0xffa, 1, 0);
    jumps.put(CODE + 0x100, 2, 0);
    jumps.dropPages(CODE + 4096, 1);
    assertThat(jumps.find(CODE + 0xffa)).isZero();
    assertThat(jumps.find(CODE + 0x100)).isEqualTo(2);
  }

  @Test
  void whatWasLeftAtASearchIsFoundByTheNext() {
    jumps.put(CODE, 1, 0);
    jumps.put(CODE + 4096, 2, 0);
    jumps.dropPages(CODE, 1);
    jumps.dropPages(CODE + 4096, 1024);
    assertThat(jumps.find(CODE + 4096)).isZero();
  }

  @Test
  void theUpperHalfIsDroppedToo() {
    jumps.put(-0x7f00_0000L, 3, 0);
    jumps.dropPages(-0x7f00_0000L, 1);
    assertThat(jumps.find(-0x7f00_0000L)).isZero();
  }
}
