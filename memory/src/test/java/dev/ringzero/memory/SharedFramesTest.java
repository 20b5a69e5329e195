package dev.ringzero.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.memory.GuestMemory.Outcome;
import dev.ringzero.x86.Ept;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SharedFramesTest {
  private static final long MIB = 1L << 20;

  private final FramePool pool = FramePool.host();
  private final long givenBefore = pool.givenFrames();
  private final FrameMemory memory = FrameMemory.ofPc(16 * MIB);
  private final FrameMemory child = FrameMemory.ofPc(16 * MIB);

  @AfterEach
  void framesComeBack() {
    memory.close();
    child.close();
    assertThat(pool.givenFrames()).isEqualTo(givenBefore);
  }

  @Test
  void whatIsOnlyReadCostsNoFrames() {
    assertThat(memory.read64(4 * MIB + 0x1238)).isZero();
    assertThat(memory.read(6 * MIB, new byte[10000], 0, 10000)).isTrue();
    assertThat(memory.read64(0x5000)).isZero();

    assertThat(memory.statistics().framesGiven()).isZero();
    assertThat(memory.statistics().zeroPages()).isEqualTo(2 * 512 + 1);
    assertThat(memory.table().hpa(4 * MIB)).isEqualTo(memory.table().hpa(6 * MIB));
    assertThat(memory.table().leaf(4 * MIB) & Ept.RIGHTS).isEqualTo(Ept.READ | Ept.EXECUTE);
  }

  @Test
  void firstWriteToZerosGivesTwoMegabytesOfItsOwn() {
    memory.read64(4 * MIB + 0x1000);
    memory.read64(6 * MIB);

    memory.write64(4 * MIB + 0x1000, 7);

    assertThat(memory.statistics().framesGiven()).isEqualTo(512);
    assertThat(memory.table().mappedSize(4 * MIB)).isEqualTo(EptTable.SIZE_2M);
    assertThat(memory.read64(4 * MIB + 0x1000)).isEqualTo(7);
    assertThat(memory.read64(4 * MIB + 0x1008)).isZero();
    assertThat(memory.read64(6 * MIB + 0x1000)).isZero();
  }

  @Test
  void zerosAreGivenUpPageByPageWhereTheQuotaIsSmall() {
    memory.quotaFrames(1);
    memory.read64(4 * MIB);

    memory.write64(4 * MIB + 0x3000, 7);

    assertThat(memory.statistics().framesGiven()).isEqualTo(1);
    assertThat(memory.statistics().zeroPages()).isEqualTo(511);
    assertThat(memory.touch(4 * MIB, Ept.WRITE)).isEqualTo(Outcome.EXHAUSTED);
    assertThat(memory.read64(4 * MIB + 0x3000)).isEqualTo(7);
    assertThat(memory.read64(4 * MIB + 0x2000)).isZero();
  }

  @Test
  void memoryThatKeepsItsFramesSharesNone() {
    memory.keepFrames();

    memory.read64(4 * MIB);

    assertThat(memory.statistics().zeroPages()).isZero();
    assertThat(memory.statistics().framesGiven()).isEqualTo(512);
    assertThatThrownBy(() -> memory.shareInto(child)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void forkCostsNoFramesAndEachSideSeesItsOwnWritesAlone() {
    memory.write64(4 * MIB, 1);
    memory.write64(4 * MIB + 0x2000, 2);
    memory.write64(0x5000, 3);
    long given = pool.givenFrames();

    memory.shareInto(child);
    assertThat(pool.givenFrames() - given).isEqualTo(child.statistics().tableFrames() - 1);
    assertThat(child.statistics().framesShared()).isEqualTo(513);
    assertThat(child.table().hpa(4 * MIB)).isEqualTo(memory.table().hpa(4 * MIB));

    child.write64(4 * MIB, 11);
    memory.write64(4 * MIB + 0x2000, 12);
    memory.write64(0x5000, 13);

    assertThat(memory.read64(4 * MIB)).isEqualTo(1);
    assertThat(child.read64(4 * MIB)).isEqualTo(11);
    assertThat(memory.read64(4 * MIB + 0x2000)).isEqualTo(12);
    assertThat(child.read64(4 * MIB + 0x2000)).isEqualTo(2);
    assertThat(memory.read64(0x5000)).isEqualTo(13);
    assertThat(child.read64(0x5000)).isEqualTo(3);
    assertThat(child.statistics().framesShared()).isEqualTo(510);
  }

  @Test
  void lastOwnerWritesInPlace() {
    memory.write64(4 * MIB, 1);
    memory.shareInto(child);
    long hpa = memory.table().hpa(4 * MIB);
    child.close();

    memory.write64(4 * MIB, 2);

    assertThat(memory.table().hpa(4 * MIB)).isEqualTo(hpa);
    assertThat(memory.table().mappedSize(4 * MIB)).isEqualTo(EptTable.SIZE_2M);
    assertThat(memory.statistics().framesShared()).isZero();
  }

  @Test
  void sharedFrameThatOneReclaimsStaysTheOthers() {
    memory.write64(4 * MIB, 1);
    memory.shareInto(child);

    assertThat(child.reclaim(4 * MIB, 2 * MIB)).isEqualTo(2 * MIB);

    assertThat(memory.read64(4 * MIB)).isEqualTo(1);
    assertThat(child.read64(4 * MIB)).isZero();
  }

  @Test
  void copyIsMadeWhereThePoolIsNotEmptyOnly() {
    memory.write64(4 * MIB, 1);
    memory.shareInto(child);
    long limit = pool.limitFrames();
    pool.limitFrames(pool.givenFrames());
    try {
      assertThat(child.touch(4 * MIB, Ept.WRITE)).isEqualTo(Outcome.EXHAUSTED);
      assertThatThrownBy(() -> child.write64(4 * MIB, 2)).isInstanceOf(OutOfFramesException.class);
    } finally {
      pool.limitFrames(limit);
    }
    assertThat(child.read64(4 * MIB)).isEqualTo(1);
  }

  @Test
  void deviceThatReadsASharedPageKeepsItsFrameUntilItLetsGo() {
    memory.write64(4 * MIB, 1);
    memory.shareInto(child);
    long frame = child.table().hpa(4 * MIB) >>> FramePool.FRAME_SHIFT;

    try (Slices slices = child.slices(4 * MIB, 8, false)) {
      child.write64(4 * MIB, 2);
      memory.write64(4 * MIB, 3);
      assertThat(MachineMemory.read64(slices.hpa(0))).isEqualTo(1);
      assertThat(pool.isShared(frame)).isFalse();
    }
    assertThat(child.read64(4 * MIB)).isEqualTo(2);
    assertThat(memory.read64(4 * MIB)).isEqualTo(3);
  }

  @Test
  void forkWaitsForDevicesThatWrite() throws InterruptedException {
    Slices slices = memory.slices(4 * MIB, 8, true);
    CountDownLatch begun = new CountDownLatch(1);
    Thread fork =
        Thread.ofPlatform()
            .start(() -> {
              begun.countDown();
              memory.shareInto(child);
            });
    begun.await();
    MachineMemory.write64(slices.hpa(0), 5);
    slices.close();
    fork.join();

    assertThat(child.read64(4 * MIB)).isEqualTo(5);
  }

  @Test
  void codeThatWasMadeFromALeavingFrameIsDropped() {
    memory.write8(0x5000, 0x90);
    memory.shareInto(child);
    long mfn = child.table().hpa(0x5000) >>> FramePool.FRAME_SHIFT;
    AtomicLong told = new AtomicLong();
    child.codeWatcher((frame, offset, lengthBytes) -> {
      told.set(frame);
      child.unprotectCode(frame);
    });
    child.protectCode(mfn);

    child.write8(0x5001, 1);

    assertThat(told.get()).isEqualTo(mfn);
    assertThat(pool.flags(mfn) & FramePool.CODE).as("others may keep code").isNotZero();
  }

  @Test
  void processorsLoseTheOldFrameBeforeTheNewOneIsWritten() {
    memory.write64(4 * MIB, 1);
    memory.shareInto(child);
    long mfn = child.table().hpa(4 * MIB) >>> FramePool.FRAME_SHIFT;
    AtomicLong revoked = new AtomicLong();
    Revocation.User user =
        child
            .revocation()
            .register(
                (first, count, rights) -> {
                  if (count == 1) {
                    assertThat(child.table().hpa(first == mfn ? 4 * MIB : 0)).isEqualTo(-1);
                    revoked.set(first);
                  }
                },
                () -> {});
    user.enter();
    child.write64(4 * MIB, 2);
    user.leave();

    assertThat(revoked.get()).isEqualTo(mfn);
  }

  @Test
  void pagesThatBecameZeroAreSharedOnRequest() {
    memory.write64(4 * MIB, 1);
    memory.write64(6 * MIB, 1);
    memory.write64(6 * MIB + 0x7000, 5);
    memory.write64(4 * MIB, 0);

    long saved = memory.shareZeros();

    assertThat(saved).isEqualTo(2 * MIB + 510 * 4096L);
    assertThat(memory.statistics().framesGiven()).isEqualTo(2);
    assertThat(memory.read64(4 * MIB)).isZero();
    assertThat(memory.read64(6 * MIB)).isEqualTo(1);
    assertThat(memory.read64(6 * MIB + 0x7000)).isEqualTo(5);
    memory.write64(6 * MIB + 0x1000, 9);
    assertThat(memory.read64(6 * MIB + 0x1000)).isEqualTo(9);
    assertThat(memory.read64(6 * MIB + 0x2000)).isZero();
  }

  @Test
  void pageThatADeviceHoldsIsNotSharedAsZero() {
    try (Slices slices = memory.slices(4 * MIB, 8, true)) {
      assertThat(memory.shareZeros()).isZero();
      assertThat(memory.table().hpa(4 * MIB)).isEqualTo(slices.hpa(0));
    }
  }

  @Test
  void forkOfAnotherShapeIsRefused() {
    try (FrameMemory other = FrameMemory.ofPc(32 * MIB)) {
      assertThatThrownBy(() -> memory.shareInto(other))
          .isInstanceOf(IllegalArgumentException.class);
    }
    child.write8(0x5000, 1);
    assertThatThrownBy(() -> memory.shareInto(child)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void poolWithoutRoomForZerosGivesFramesInstead() {
    int run = FramePool.RUN_FRAMES;
    FramePool small = new FramePool((MachineMemory.sizeBytes() >>> 12) - run, run);
    try (FrameMemory one = new FrameMemory(small, List.of(new RamRange(0, MIB)))) {
      assertThat(one.read64(0x5000)).isZero();
      assertThat(one.statistics().framesGiven()).isEqualTo(1);
    }
    assertThat(small.givenFrames()).isZero();
  }
}
