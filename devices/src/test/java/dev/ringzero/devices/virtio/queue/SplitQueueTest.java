package dev.ringzero.devices.virtio.queue;

import static dev.ringzero.testkit.VirtqueueDriver.readable;
import static dev.ringzero.testkit.VirtqueueDriver.writable;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.devices.virtio.VirtioFeature;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.testkit.VirtqueueDriver;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SplitQueueTest {
  private static final int SIZE = 8;
  private static final long RINGS = 0x10_0000;
  private static final long DATA = 0x20_0000;
  private static final long TABLE = 0x28_0000;
  private static final int NEXT = 1;
  private static final int WRITE = 2;
  private static final int INDIRECT = 4;
  private static final long ALL =
      VirtioFeature.VIRTIO_F_EVENT_IDX | VirtioFeature.VIRTIO_F_INDIRECT_DESC;

  private final GuestMemory memory = GuestMemory.ofPc(4 << 20);
  private final VirtqueueDriver driver = new VirtqueueDriver(memory, RINGS, SIZE);
  private final DescriptorChain chain = new DescriptorChain(memory);

  @AfterEach
  void close() {
    memory.close();
  }

  private Virtqueue queue(long features) {
    return Virtqueue.at(
        memory, new QueueLayout(SIZE, driver.table(), driver.available(), driver.used(), features));
  }

  private void isMisuse(Virtqueue queue) {
    assertThat(queue.take(chain)).isFalse();
    assertThat(queue.misuse()).isNotNull();
    assertThat(queue.take(chain)).isFalse();
  }

  @Test
  void piecesComeInTheirOrder() {
    Virtqueue queue = queue(0);
    driver.add(readable(DATA, 3), readable(DATA + 100, 4), writable(DATA + 200, 5));
    memory.write(DATA, new byte[] {1, 2, 3});
    memory.write(DATA + 100, new byte[] {4, 5, 6, 7});
    assertThat(queue.take(chain)).isTrue();
    assertThat(chain.readableBytes()).isEqualTo(7);
    assertThat(chain.writableBytes()).isEqualTo(5);
    byte[] bytes = new byte[4];
    assertThat(chain.read(2, bytes, 0, 4)).isEqualTo(4);
    assertThat(bytes).containsExactly(3, 4, 5, 6);
    assertThat(chain.write(4, bytes, 0, 4)).isEqualTo(1);
    assertThat(memory.read8(DATA + 204)).isEqualTo(3);
  }

  @Test
  void anIndirectTableIsAChain() {
    Virtqueue queue = queue(ALL);
    driver.addIndirect(TABLE, readable(DATA, 3), writable(DATA + 100, 4));
    assertThat(queue.take(chain)).isTrue();
    assertThat(chain.readableBytes()).isEqualTo(3);
    assertThat(chain.writableBytes()).isEqualTo(4);
  }

  @Test
  void anIndirectTableThatWasNotAgreedUponIsMisuse() {
    driver.addIndirect(TABLE, readable(DATA, 3));
    isMisuse(queue(0));
  }

  @Test
  void anIndirectTableInAnIndirectTableIsMisuse() {
    Virtqueue queue = queue(ALL);
    driver.addIndirect(TABLE, readable(DATA, 16));
    memory.write16(TABLE + 12, INDIRECT);
    isMisuse(queue);
  }

  @Test
  void anIndirectTableOfAnOddLengthIsMisuse() {
    driver.rawDescriptor(0, TABLE, 17, INDIRECT, 0);
    driver.publish(0);
    isMisuse(queue(ALL));
  }

  @Test
  void aChainThatLoopsIsMisuse() {
    driver.rawDescriptor(0, DATA, 16, NEXT, 1);
    driver.rawDescriptor(1, DATA, 16, NEXT, 0);
    driver.publish(0);
    isMisuse(queue(0));
  }

  @Test
  void aDescriptorBehindTheTableIsMisuse() {
    driver.rawDescriptor(0, DATA, 16, NEXT, SIZE);
    driver.publish(0);
    isMisuse(queue(0));
  }

  @Test
  void aHeadBehindTheTableIsMisuse() {
    driver.publish(0xFFFF);
    isMisuse(queue(0));
  }

  @Test
  void anAvailableIndexThatJumpsIsMisuse() {
    driver.setAvailableIndex(SIZE + 1);
    isMisuse(queue(0));
  }

  @Test
  void moreBuffersThanTheRingHasAreMisuse() {
    Virtqueue queue = queue(0);
    for (int i = 0; i < SIZE; i++) {
      driver.rawDescriptor(i, DATA, 1, 0, 0);
      driver.publish(i);
      assertThat(queue.take(chain)).isTrue();
    }
    driver.publish(0);
    isMisuse(queue);
  }

  @Test
  void aPieceOutsideRamIsMisuse() {
    driver.rawDescriptor(0, 0xD000_0000L, 16, 0, 0);
    driver.publish(0);
    isMisuse(queue(0));
  }

  @Test
  void aPieceThatWrapsIsMisuse() {
    driver.rawDescriptor(0, -8, 16, 0, 0);
    driver.publish(0);
    isMisuse(queue(0));
  }

  @Test
  void aReadablePieceBehindAWritableOneIsMisuse() {
    driver.add(writable(DATA, 1), readable(DATA, 1));
    isMisuse(queue(0));
  }

  @Test
  void interruptsAreSuppressedByTheFlag() {
    Virtqueue queue = queue(0);
    driver.noInterrupt(true);
    driver.add(writable(DATA, 1));
    queue.take(chain);
    queue.complete(chain, 0);
    assertThat(queue.isSignalDue()).isFalse();
    driver.noInterrupt(false);
    driver.add(writable(DATA, 1));
    queue.take(chain);
    queue.complete(chain, 0);
    assertThat(queue.isSignalDue()).isTrue();
    assertThat(queue.isSignalDue()).isFalse();
  }

  @Test
  void anInterruptIsDueWhenTheUsedEventIsPassed() {
    Virtqueue queue = queue(ALL);
    driver.usedEvent(2);
    for (int i = 0; i < 4; i++) {
      driver.add(writable(DATA, 1));
      queue.take(chain);
      queue.complete(chain, 0);
      assertThat(queue.isSignalDue()).isEqualTo(i == 2);
    }
  }

  @Test
  void theAvailableEventAsksForTheNextBuffer() {
    Virtqueue queue = queue(ALL);
    driver.add(writable(DATA, 1));
    queue.take(chain);
    assertThat(queue.endTaking()).isFalse();
    assertThat(driver.availableEvent()).isEqualTo(1);
    driver.add(writable(DATA, 1));
    assertThat(queue.endTaking()).isTrue();
  }

  @Test
  void indicesWrapAround() {
    Virtqueue queue = queue(ALL);
    for (int i = 0; i < 70_000; i++) {
      driver.usedEvent(i & 0xFFFF);
      driver.add(writable(DATA, 1));
      assertThat(queue.take(chain)).isTrue();
      queue.complete(chain, 1);
      assertThat(queue.isSignalDue()).isTrue();
      assertThat(driver.takeUsed()).hasSize(1);
    }
  }

  @Test
  void aBufferThatIsPutBackComesAgain() {
    Virtqueue queue = queue(0);
    driver.add(writable(DATA, 11));
    queue.take(chain);
    queue.putBack(chain);
    assertThat(queue.take(chain)).isTrue();
    assertThat(chain.writableBytes()).isEqualTo(11);
  }

  @Test
  void randomBytesInTheRingsDoNoHarm() {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(3);
    byte[] noise = new byte[(int) (driver.used() + 70 - RINGS)];
    for (int i = 0; i < 2000; i++) {
      random.nextBytes(noise);
      for (int j = 0; j < noise.length; j += 2) {
        // Mostly plausible values, so that the checks behind the first ones are reached too.
        noise[j + 1] = random.nextInt(8) == 0 ? noise[j + 1] : 0;
      }
      memory.write(RINGS, noise);
      for (boolean packed : new boolean[] {false, true}) {
        Virtqueue queue = queue(ALL | (packed ? VirtioFeature.VIRTIO_F_RING_PACKED : 0));
        for (int taken = 0; taken < 20 && queue.take(chain); taken++) {
          byte[] bytes = new byte[64];
          chain.read(0, bytes, 0, bytes.length);
          chain.write(0, bytes, 0, bytes.length);
          queue.complete(chain, 64);
          queue.isSignalDue();
        }
        queue.endTaking();
      }
    }
  }
}
