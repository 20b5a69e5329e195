package dev.ringzero.vmm.xen.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.MachineMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a guest, also a hostile one, gets of its store. */
final class StoreRingTest {
  private static final int DIRECTORY = 1, READ = 2, WATCH = 4, UNWATCH = 5, BEGIN = 6, END = 7;
  private static final int WRITE = 11, MKDIR = 12, RM = 13, SET_PERMS = 14, EVENT = 15, ERROR = 16;

  private final long mfn = FramePool.host().allocate();
  private final Store store = new Store();
  private final StoreRing ring = new StoreRing(store, mfn << 12, () -> {});
  private final StoreGuest guest = new StoreGuest(mfn << 12, ring);

  StoreRingTest() {
    store.give(Store.HOME + "/data", "");
    store.write(Store.HOME + "/name", "machine");
  }

  @AfterEach
  void free() {
    FramePool.host().free(mfn);
  }

  private void refused(String error, int type, String... words) {
    StoreGuest.Message answer = guest.ask(type, 0, words);
    assertThat(answer.type()).isEqualTo(ERROR);
    assertThat(answer.payload()).isEqualTo(error + "\0");
  }

  @Test
  void nodesAreReadAndListedByRelativeAndAbsolutePath() {
    assertThat(guest.ask(READ, 0, "name", "").payload()).isEqualTo("machine");
    assertThat(guest.ask(READ, 0, Store.HOME + "/name", "").payload()).isEqualTo("machine");
    assertThat(guest.ask(DIRECTORY, 0, Store.HOME, "").words()).containsExactly("data", "name");
    refused("ENOENT", READ, "nothing", "");
  }

  @Test
  void guestWritesOnlyWhatIsItsOwn() {
    assertThat(guest.ask(WRITE, 0, "data/a/b", "value").payload()).isEqualTo("OK\0");
    assertThat(store.read(Store.HOME + "/data/a/b")).contains("value");
    refused("EACCES", WRITE, "name", "other");
    refused("EACCES", WRITE, "/local/domain/0/backend/vbd/1/51712/state", "4");
    refused("EACCES", MKDIR, "/tool", "");
    refused("EACCES", RM, "/local", "");
    refused("EACCES", SET_PERMS, "name", "n1", "");
    assertThat(store.read(Store.HOME + "/name")).contains("machine");
  }

  @Test
  void watchesTellOfWhatChangesBelowThem() {
    List<StoreGuest.Message> first = guest.askAll(WATCH, 0, "data", "token", "");
    assertThat(first).extracting(StoreGuest.Message::type).containsExactly(WATCH, EVENT);
    store.give(Store.HOME + "/data/x", "1");
    assertThat(guest.messages().getLast().words()).containsExactly("data/x", "token");
    refused("EEXIST", WATCH, "data", "token", "");
    assertThat(guest.ask(UNWATCH, 0, "data", "token", "").type()).isEqualTo(UNWATCH);
    store.give(Store.HOME + "/data/x", "2");
    assertThat(guest.messages()).isEmpty();
  }

  @Test
  void transactionThatAnotherHasOvertakenIsTriedAgain() {
    int one = Integer.parseInt(guest.ask(BEGIN, 0, "", "").words().getFirst());
    guest.ask(WRITE, one, "data/x", "inside");
    assertThat(store.read(Store.HOME + "/data/x")).isEmpty();
    store.give(Store.HOME + "/data/y", "outside");
    StoreGuest.Message end = guest.ask(END, one, "T", "");
    assertThat(end.payload()).isEqualTo("EAGAIN\0");
    int two = Integer.parseInt(guest.ask(BEGIN, 0, "", "").words().getFirst());
    guest.ask(WRITE, two, "data/x", "inside");
    assertThat(guest.ask(END, two, "T", "").payload()).isEqualTo("OK\0");
    assertThat(store.read(Store.HOME + "/data/x")).contains("inside");
  }

  /** As Linux does: a part is told of only if all before it was taken when it was there. */
  @Test
  @Timeout(60)
  void requestThatComesInPartsIsNeverLeftLying() throws InterruptedException {
    long page = mfn << 12;
    Semaphore told = new Semaphore(0);
    Thread agent =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              while (true) {
                told.acquireUninterruptibly();
                while (ring.step()) {
                  // There is more.
                }
              }
            });
    ByteBuffer header = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(READ).putInt(0).putInt(0).putInt(5);
    byte[] payload = {'n', 'a', 'm', 'e', 0};
    int answer = 16 + "machine".length();
    for (int n = 1; n <= 30_000; n++) {
      put(page, header.array(), told);
      put(page, payload, told);
      while ((int) MachineMemory.read32(page + 2060) != n * answer) {
        Thread.onSpinWait();
      }
      MachineMemory.write32(page + 2056, n * answer & 0xFFFF_FFFFL);
    }
    assertThat(agent.isAlive()).isTrue();
  }

  private static void put(long page, byte[] part, Semaphore told) {
    int before = (int) MachineMemory.read32(page + 2052);
    for (int i = 0; i < part.length; i++) {
      MachineMemory.write8(page + (before + i & 1023), part[i]);
    }
    MachineMemory.fence();
    MachineMemory.write32(page + 2052, before + part.length & 0xFFFF_FFFFL);
    MachineMemory.fence();
    if (before - (int) MachineMemory.read32(page + 2048) <= 0) {
      told.release();
    }
  }

  @Test
  void badPathsAreRefused() {
    for (String path : new String[] {"", "a//b", "a/", "/", "a b", "é", "a".repeat(2049)}) {
      assertThat(guest.ask(WRITE, 0, path, "value").type()).as(path).isEqualTo(ERROR);
    }
    assertThat(guest.ask(READ, 0, "no end").payload()).isEqualTo("EINVAL\0");
  }

  @Test
  void guestCannotFillTheHostsMemory() {
    refused("ENOSPC", WRITE, "data/long", "v".repeat(2049));
    for (int i = 0; i < 1000; i++) {
      guest.ask(WRITE, 0, "data/" + i, "v");
    }
    refused("ENOSPC", WRITE, "data/more", "v");
    for (int i = 0; i < 10; i++) {
      guest.ask(BEGIN, 0, "", "");
    }
    refused("ENOSPC", BEGIN, "", "");
    for (int i = 0; i < 128; i++) {
      guest.ask(WATCH, 0, "data", "t" + i, "");
    }
    assertThat(guest.ask(WATCH, 0, "data", "t128", "").payload()).isEqualTo("E2BIG\0");
  }

  @Test
  void payloadLongerThanAllowedEndsTheRingsUse() {
    guest.put(READ, 0, 5000, new byte[0]);
    assertThat(guest.messages()).isEmpty();
    guest.put(READ, 0, 5, "name\0".getBytes());
    assertThat(guest.messages()).isEmpty();
  }

  @Test
  void positionsOutOfBoundsEndTheRingsUse() {
    guest.word(2052, 5000);
    assertThat(ring.step()).isFalse();
    assertThat(guest.word(2060)).isZero();
  }

  @Test
  void anyBytesLeaveTheStoreAlone() {
    Random random = new Random(6);
    for (int round = 0; round < 300; round++) {
      byte[] payload = new byte[random.nextInt(64)];
      random.nextBytes(payload);
      if (payload.length > 4 && random.nextBoolean()) {
        System.arraycopy("data".getBytes(), 0, payload, 0, 4);
      }
      guest.put(random.nextInt(24), random.nextInt(3), payload.length, payload);
      guest.messages();
    }
    assertThat(store.read(Store.HOME + "/name")).contains("machine");
    assertThat(MachineMemory.read32((mfn << 12) + 2060)).isPositive();
  }
}
