package dev.ringzero.cpu.paging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.cpu.GuestFault;
import dev.ringzero.engine.EngineException;
import dev.ringzero.memory.FramePool;
import dev.ringzero.testkit.PageTables;
import dev.ringzero.x86.PageEntry;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class TranslationCheckTest {
  private static final long LINEAR = 0x40_0000;
  private static final long PAGE = 0x80_0000;
  private static final long USER = PageEntry.RW | PageEntry.US;

  private final PagingFixture fixture = new PagingFixture();
  private TranslationCheck check;

  @BeforeEach
  void runAProgram() {
    fixture.enable(PageTables.Format.FOUR_LEVEL);
    fixture.cpl(3);
    check = fixture.mmu.checked(fixture.memory);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private void look() {
    check.look(TranslationCopies.NONE);
  }

  @Test
  void translationThatTheGuestHasNotInvalidatedYetIsLetPass() {
    fixture.tables.map(LINEAR, PAGE, USER);
    fixture.run(() -> fixture.mmu.write8(LINEAR, 1));

    fixture.tables.map(LINEAR, PAGE + 0x1000, USER);

    for (int i = 0; i < 10; i++) {
      look();
    }
  }

  @Test
  void translationThatDiffersThoughTheGuestInvalidatesItIsFound() {
    assertThatThrownBy(() -> differAfterEachInvalidation(PAGE + 0x1000, USER))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("gva 0x400000")
        .hasMessageContaining("by the tables");
  }

  @Test
  void rightThatTheTablesTookAwayIsFound() {
    assertThatThrownBy(() -> differAfterEachInvalidation(PAGE, PageEntry.US))
        .hasMessageContaining("gives rights");
  }

  @Test
  void translationThatWasRightInBetweenIsNotSuspected() {
    for (int i = 0; i < 10; i++) {
      differ(PAGE, PageEntry.US);
      fixture.mmu.invalidatePage(LINEAR);
      look();
    }
  }

  private void differAfterEachInvalidation(long page, long rights) {
    for (int i = 0; i < 3; i++) {
      fixture.mmu.invalidatePage(LINEAR);
      differ(page, rights);
    }
  }

  private void differ(long page, long rights) {
    fixture.tables.map(LINEAR, PAGE, USER);
    fixture.run(() -> fixture.mmu.write8(LINEAR, 1));
    fixture.tables.map(LINEAR, page, rights);
    look();
  }

  /** Random changes, each invalidated as the architecture asks, and frames that move below them. */
  @Test
  void nothingWrongIsEverHeld() {
    check.impatient();
    SplittableRandom random = new SplittableRandom(7);
    for (int round = 0; round < 3000; round++) {
      long linear = LINEAR + random.nextInt(16) * 4096L;
      long page = PAGE + random.nextInt(32) * 4096L;
      switch (random.nextInt(8)) {
        case 0, 1 -> {
          fixture.tables.map(linear, page, random.nextLong() & USER);
          fixture.mmu.invalidatePage(linear);
        }
        case 2 -> fixture.memory.reclaim(page);
        case 3 -> fixture.mmu.rootChanged(true);
        case 4 -> protectCode(page);
        case 5 -> shareZerosSeldom(round);
        default -> access(linear, random.nextBoolean());
      }
      look();
    }
    assertThat(check.compared()).isGreaterThan(3000);
  }

  private void protectCode(long page) {
    long hpa = fixture.memory.table().hpa(page);
    if (hpa >= 0) {
      fixture.memory.protectCode(hpa >>> FramePool.FRAME_SHIFT);
    }
  }

  private void shareZerosSeldom(int round) {
    if (round % 16 == 0) {
      fixture.memory.shareZeros();
    }
  }

  private void access(long linear, boolean write) {
    try {
      fixture.run(() -> {
        if (write) {
          fixture.mmu.write8(linear, 0);
        } else {
          fixture.mmu.read8(linear);
        }
      });
    } catch (GuestFault fault) {
      // the tables do not allow it
    }
  }
}
