package dev.ringzero.devices.virtio.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.devices.virtio.VirtioFeature;
import dev.ringzero.memory.GuestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PackedQueueTest {
  private static final int SIZE = 5;
  private static final long RING = 0x10_0000;
  private static final long DRIVER_EVENTS = 0x10_1000;
  private static final long DEVICE_EVENTS = 0x10_2000;
  private static final long DATA = 0x20_0000;
  private static final long TABLE = 0x28_0000;
  private static final int NEXT = 1;
  private static final int WRITE = 2;
  private static final int INDIRECT = 4;
  private static final int AVAIL = 1 << 7;
  private static final int USED = 1 << 15;
  private static final long ALL =
      VirtioFeature.VIRTIO_F_RING_PACKED
          | VirtioFeature.VIRTIO_F_EVENT_IDX
          | VirtioFeature.VIRTIO_F_INDIRECT_DESC;

  private final GuestMemory memory = GuestMemory.ofPc(4 << 20);
  private final DescriptorChain chain = new DescriptorChain(memory);
  private final Virtqueue queue =
      Virtqueue.at(memory, new QueueLayout(SIZE, RING, DRIVER_EVENTS, DEVICE_EVENTS, ALL));
  private int next;
  private boolean wrap = true;

  @AfterEach
  void close() {
    memory.close();
  }

  private void add(int id, int lengthBytes, int flags) {
    long at = RING + 16L * next;
    memory.write64(at, DATA);
    memory.write32(at + 8, lengthBytes);
    memory.write16(at + 12, id);
    memory.write16(at + 14, flags | (wrap ? AVAIL : USED));
    next = (next + 1) % SIZE;
    wrap ^= next == 0;
  }

  private boolean isUsed(int slot, boolean lap) {
    int flags = (int) memory.read16(RING + 16L * slot + 14) & (AVAIL | USED);
    return flags == (lap ? AVAIL | USED : 0);
  }

  @Test
  void chainsGoAroundTheRing() {
    for (int i = 0; i < 40; i++) {
      int first = next;
      boolean lap = wrap;
      add(100 + i, 7, NEXT);
      add(100 + i, 9, WRITE);
      assertThat(queue.take(chain)).isTrue();
      assertThat(chain.readableBytes()).isEqualTo(7);
      assertThat(chain.writableBytes()).isEqualTo(9);
      assertThat(queue.take(chain)).isFalse();
      queue.complete(chain, 9);
      assertThat(isUsed(first, lap)).isTrue();
      assertThat(memory.read16(RING + 16L * first + 12)).isEqualTo(100 + i);
      assertThat(memory.read32(RING + 16L * first + 8)).isEqualTo(9);
    }
    assertThat(queue.misuse()).isNull();
  }

  @Test
  void buffersGivenBackTogetherAreEachUsed() {
    DescriptorChain[] chains = {new DescriptorChain(memory), new DescriptorChain(memory)};
    for (int lap = 0; lap < 5; lap++) {
      int first = next;
      boolean firstWrap = wrap;
      add(1, 7, WRITE);
      int second = next;
      boolean secondWrap = wrap;
      add(2, 7, WRITE);
      queue.take(chains[0]);
      queue.take(chains[1]);
      queue.complete(chains, new int[] {7, 5}, 2);
      assertThat(isUsed(first, firstWrap)).isTrue();
      assertThat(isUsed(second, secondWrap)).isTrue();
      assertThat(memory.read32(RING + 16L * second + 8)).isEqualTo(5);
      assertThat(memory.read16(RING + 16L * second + 12)).isEqualTo(2);
    }
  }

  @Test
  void anIndirectTableIsUsedToItsEnd() {
    for (int i = 0; i < 3; i++) {
      memory.write64(TABLE + 16L * i, DATA);
      memory.write32(TABLE + 16L * i + 8, 10);
      memory.write16(TABLE + 16L * i + 14, i == 2 ? WRITE : 0);
    }
    memory.write64(RING, TABLE);
    memory.write32(RING + 8, 48);
    memory.write16(RING + 14, INDIRECT | AVAIL);
    assertThat(queue.take(chain)).isTrue();
    assertThat(chain.readableBytes()).isEqualTo(20);
    assertThat(chain.writableBytes()).isEqualTo(10);
  }

  @Test
  void aChainThatNeverEndsIsMisuse() {
    for (int i = 0; i < SIZE; i++) {
      add(i, 1, NEXT);
    }
    assertThat(queue.take(chain)).isFalse();
    assertThat(queue.misuse()).isNotNull();
  }

  @Test
  void anInterruptIsDueWhenTheDescriptorOfTheEventIsUsed() {
    memory.write16(DRIVER_EVENTS, 2 | 1 << 15);
    memory.write16(DRIVER_EVENTS + 2, 2);
    for (int i = 0; i < 4; i++) {
      add(i, 1, WRITE);
      queue.take(chain);
      queue.complete(chain, 1);
      assertThat(queue.isSignalDue()).isEqualTo(i == 2);
    }
  }

  @Test
  void interruptsAreSuppressedByTheFlags() {
    memory.write16(DRIVER_EVENTS + 2, 1);
    add(0, 1, WRITE);
    queue.take(chain);
    queue.complete(chain, 1);
    assertThat(queue.isSignalDue()).isFalse();
  }

  @Test
  void theDeviceAsksForTheNextDescriptor() {
    add(0, 1, WRITE);
    queue.take(chain);
    assertThat(queue.endTaking()).isFalse();
    assertThat(memory.read16(DEVICE_EVENTS)).isEqualTo(1 | 1 << 15);
    assertThat(memory.read16(DEVICE_EVENTS + 2)).isEqualTo(2);
    queue.beginTaking();
    assertThat(memory.read16(DEVICE_EVENTS + 2)).isEqualTo(1);
  }

  @Test
  void aBufferThatIsPutBackComesAgain() {
    for (int i = 0; i < SIZE - 1; i++) {
      add(i, 1, WRITE);
      queue.take(chain);
      queue.complete(chain, 1);
    }
    add(8, 3, NEXT);
    add(8, 4, WRITE);
    assertThat(queue.take(chain)).isTrue();
    queue.putBack(chain);
    assertThat(queue.take(chain)).isTrue();
    assertThat(chain.readableBytes()).isEqualTo(3);
    assertThat(chain.writableBytes()).isEqualTo(4);
  }
}
