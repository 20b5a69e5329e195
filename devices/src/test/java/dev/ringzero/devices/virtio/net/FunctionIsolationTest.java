package dev.ringzero.devices.virtio.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.devices.virtio.VirtioDriver;
import dev.ringzero.devices.virtio.VirtioFeature;
import dev.ringzero.engine.wire.Offloads;
import dev.ringzero.engine.wire.Packet;
import dev.ringzero.engine.wire.Wire;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two machines, each with a function of a card, at the ends of a wire. One has a secret in its
 * memory; the other's driver tries whatever it can.
 */
@Timeout(60)
final class FunctionIsolationTest {
  private static final long SECRET = 0x5EC2_E75E_C2E7_5EC2L;
  private static final long RAM = 4 << 20;
  private static final long RINGS = 0x10_0000;
  private static final int RINGS_BYTES = 0x8000;
  private static final int SIZE = 16;
  private static final int ROUNDS = 400;

  private final End evilWire = new End();
  private final End goodWire = new End();
  private final VirtioDriver evil = driver(0x52_54_00_00_00_01L, evilWire);
  private final VirtioDriver good = driver(0x52_54_00_00_00_02L, goodWire);
  private int framesOfTheEvil;

  /** What goes in at one end comes out at the other, if the test lets it. */
  private final class End implements Wire {
    private final Deque<Packet> arrived = new ArrayDeque<>();
    private Runnable listener = () -> {};

    @Override
    public void send(Packet packet) {
      if (this == evilWire) {
        framesOfTheEvil++;
        assertThat(holdsTheSecret(packet)).as("a frame of the other's memory").isFalse();
      }
      packet.release();
    }

    void arrive(byte[] frame) {
      arrived.add(Packet.of(frame, 0, frame.length));
      listener.run();
    }

    @Override
    public Packet receive() {
      return arrived.poll();
    }

    @Override
    public void onArrival(Runnable told) {
      listener = told;
    }

    @Override
    public void accept(Offloads offloads) {}
  }

  private static VirtioDriver driver(long mac, Wire wire) {
    return new VirtioDriver(new VirtioNet(mac, 1500, 1, wire));
  }

  private static boolean holdsTheSecret(Packet packet) {
    byte[] bytes = packet.bytes();
    for (int at = Packet.FRAME; at + 8 <= Packet.FRAME + packet.length(); at++) {
      long value = 0;
      for (int i = 7; i >= 0; i--) {
        value = value << 8 | bytes[at + i] & 0xFF;
      }
      if (value == SECRET) {
        return true;
      }
    }
    return false;
  }

  @BeforeEach
  void keepASecret() {
    for (long at = 0; at < RAM; at += 8) {
      if (good.memory.isRam(at, 8)) {
        good.memory.write64(at, SECRET);
      }
    }
  }

  @AfterEach
  void close() {
    evil.close();
    good.close();
  }

  private static long address(SplittableRandom random) {
    return switch (random.nextInt(6)) {
      case 0 -> RAM - random.nextInt(64);
      case 1 -> RAM + random.nextInt(1 << 24);
      case 2 -> random.nextLong();
      case 3 -> -random.nextInt(4096);
      case 4 -> RINGS + random.nextInt(RINGS_BYTES);
      default -> random.nextLong() & RAM - 1;
    };
  }

  private void attack(SplittableRandom random) {
    evil.negotiate(VirtioFeature.VIRTIO_F_VERSION_1);
    for (int queue = 0; queue < 2; queue++) {
      boolean elsewhere = random.nextInt(6) == 0;
      long base = elsewhere ? address(random) & -4096 : RINGS + queue * 0x4000L;
      evil.place(queue, SIZE, VirtioDriver.NO_VECTOR, base, base + 0x1000, base + 0x2000);
    }
    evil.ready();
    for (int queue = 0; queue < 2; queue++) {
      long base = RINGS + queue * 0x4000L;
      for (int i = 0; i < SIZE; i++) {
        evil.memory.write64(base + i * 16L, address(random));
        long flags = random.nextInt(8) | random.nextInt(SIZE + 1) << 16;
        long length = random.nextInt(3) == 0 ? random.nextInt() : random.nextInt(2048);
        evil.memory.write64(base + i * 16L + 8, length & 0xFFFF_FFFFL | flags << 32);
        evil.memory.write16(base + 0x1004 + 2L * i, random.nextInt(SIZE + 1));
      }
      if (random.nextBoolean()) {
        evil.memory.write64(base, 0x20_0000);
        evil.memory.write64(base + 8, 100 | (queue == 0 ? 2L << 32 : 0));
        evil.memory.write16(base + 0x1004, 0);
      }
      evil.memory.write16(base + 0x1002, 1 + random.nextInt(SIZE));
      evilWire.arrive(new byte[60 + random.nextInt(1000)]);
      evil.kick(queue);
    }
  }

  @Test
  void noDescriptorReachesTheMemoryOfAnotherMachine() {
    SplittableRandom random = new SplittableRandom(0xBADL);
    for (int round = 0; round < ROUNDS; round++) {
      attack(random);
    }
    assertThat(framesOfTheEvil).as("some of it was well-formed").isPositive();
    for (long at = 0; at < RAM; at += 8) {
      if (good.memory.isRam(at, 8) && good.memory.read64(at) != SECRET) {
        assertThat(good.memory.read64(at)).as("0x%x", at).isEqualTo(SECRET);
      }
    }
  }
}
