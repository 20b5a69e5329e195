package dev.ringzero.devices.virtio.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.devices.virtio.VirtioTransport;
import dev.ringzero.memory.GuestMemory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class VirtioNetTest {
  private static final long MAC = 0x52_54_00_12_34_56L;
  private static final int RECEIVE = 0;
  private static final int TRANSMIT = 1;
  private static final int CONTROL = 2;

  private final GuestMemory memory = GuestMemory.ofPc(16 << 20);
  private final TestWire wire = new TestWire();
  private final VirtioNet card = new VirtioNet(MAC, 1500, wire);
  private final TestQueue receive = new TestQueue(memory, 0x10_0000);
  private final TestQueue transmit = new TestQueue(memory, 0x20_0000);
  private final TestQueue control = new TestQueue(memory, 0x30_0000);
  private int configChanges;

  private static final class TestWire implements FrameWire {
    final List<byte[]> sent = new ArrayList<>();
    final Deque<byte[]> waiting = new ArrayDeque<>();

    @Override
    public void send(byte[] frame, int offset, int lengthBytes) {
      sent.add(Arrays.copyOfRange(frame, offset, offset + lengthBytes));
    }

    @Override
    public int receive(byte[] destination) {
      byte[] frame = waiting.poll();
      if (frame == null) {
        return 0;
      }
      System.arraycopy(frame, 0, destination, 0, frame.length);
      return frame.length;
    }

    @Override
    public void onArrival(Runnable listener) {}
  }

  private final class TestTransport implements VirtioTransport {
    @Override
    public GuestMemory memory() {
      return memory;
    }

    @Override
    public void wake(int queue) {}

    @Override
    public void signal(int queue) {}

    @Override
    public void configChanged() {
      configChanges++;
    }

    @Override
    public boolean enter() {
      return true;
    }

    @Override
    public void exit() {}

    @Override
    public void misused(String how) {}
  }

  @BeforeEach
  void connect() {
    card.connect(new TestTransport());
    card.activate(NetProtocol.VIRTIO_NET_F_MRG_RXBUF);
  }

  @AfterEach
  void close() {
    memory.close();
  }

  private static byte[] frame(int length) {
    byte[] frame = new byte[length];
    new Random(length).nextBytes(frame);
    return frame;
  }

  private static byte[] packet(byte[] frame) {
    byte[] packet = new byte[NetProtocol.HEADER_BYTES + frame.length];
    System.arraycopy(frame, 0, packet, NetProtocol.HEADER_BYTES, frame.length);
    return packet;
  }

  @Test
  void configurationTellsAddressLinkAndLongestPacket() {
    assertThat(card.readConfig(0, 4)).isEqualTo(0x1200_5452L);
    assertThat(card.readConfig(4, 2)).isEqualTo(0x5634);
    assertThat(card.readConfig(6, 2)).isEqualTo(1);
    assertThat(card.readConfig(10, 2)).isEqualTo(1500);
    card.linkUp(false);
    assertThat(card.readConfig(6, 2)).isZero();
    assertThat(configChanges).isEqualTo(1);
  }

  @Test
  void frameGoesOntoTheWire() {
    transmit.give(packet(frame(60)));
    assertThat(card.process(TRANSMIT, transmit.device)).isFalse();
    assertThat(wire.sent).containsExactly(frame(60));
    assertThat(transmit.take()).isEmpty();
  }

  @Test
  void checksumIsCompletedFromWhereTheDriverBegan() {
    byte[] packet = packet(new byte[40]);
    packet[NetProtocol.FLAGS] = NetProtocol.VIRTIO_NET_HDR_F_NEEDS_CSUM;
    packet[NetProtocol.CSUM_START] = 20;
    packet[NetProtocol.CSUM_OFFSET] = 16;
    packet[12 + 20] = 0x12;
    packet[12 + 36] = 0x34;
    transmit.give(packet);
    card.process(TRANSMIT, transmit.device);
    byte[] sent = wire.sent.getFirst();
    int checksum = (sent[36] & 0xFF) << 8 | sent[37] & 0xFF;
    assertThat(checksum).isEqualTo(~0x4600 & 0xFFFF);
  }

  @Test
  void checksumOutsideTheFrameDropsIt() {
    for (int start : new int[] {39, 40, 0xFFFF}) {
      byte[] packet = packet(new byte[40]);
      packet[NetProtocol.FLAGS] = NetProtocol.VIRTIO_NET_HDR_F_NEEDS_CSUM;
      packet[NetProtocol.CSUM_START] = (byte) start;
      packet[NetProtocol.CSUM_START + 1] = (byte) (start >>> 8);
      transmit.give(packet);
    }
    card.process(TRANSMIT, transmit.device);
    assertThat(wire.sent).isEmpty();
    assertThat(card.counters().sendDrops()).isEqualTo(3);
  }

  @Test
  void whatIsNoFrameIsDroppedAndCounted() {
    transmit.give(new byte[5]);
    transmit.give(packet(new byte[13]));
    byte[] segmented = packet(frame(60));
    segmented[NetProtocol.GSO_TYPE] = 1;
    transmit.give(segmented);
    card.process(TRANSMIT, transmit.device);
    assertThat(wire.sent).isEmpty();
    assertThat(card.counters().sendDrops()).isEqualTo(3);
  }

  @Test
  void frameArrivesBehindItsHeader() {
    wire.waiting.add(frame(100));
    receive.giveRoom(1600);
    card.process(RECEIVE, receive.device);
    byte[] packet = receive.take();
    assertThat(packet[NetProtocol.NUM_BUFFERS]).isEqualTo((byte) 1);
    assertThat(Arrays.copyOfRange(packet, 12, packet.length)).isEqualTo(frame(100));
  }

  @Test
  void longFrameTakesSeveralBuffers() {
    wire.waiting.add(frame(1000));
    for (int i = 0; i < 3; i++) {
      receive.giveRoom(400);
    }
    card.process(RECEIVE, receive.device);
    byte[] first = receive.take();
    assertThat(first).hasSize(400);
    assertThat(first[NetProtocol.NUM_BUFFERS]).isEqualTo((byte) 3);
    assertThat(receive.take()).hasSize(400);
    assertThat(receive.take()).hasSize(1012 - 800);
  }

  @Test
  void frameWaitsUntilThereAreEnoughBuffers() {
    wire.waiting.add(frame(1000));
    receive.giveRoom(400);
    card.process(RECEIVE, receive.device);
    assertThat(receive.take()).isNull();
    receive.giveRoom(800);
    card.process(RECEIVE, receive.device);
    assertThat(receive.take()).hasSize(400);
    assertThat(receive.take()).hasSize(612);
    assertThat(card.counters().framesReceived()).isEqualTo(1);
  }

  @Test
  void withoutMergingATooLongFrameIsDropped() {
    card.activate(0);
    wire.waiting.add(frame(1000));
    wire.waiting.add(frame(60));
    receive.giveRoom(400);
    card.process(RECEIVE, receive.device);
    assertThat(receive.take()).hasSize(72);
    assertThat(card.counters().receiveDrops()).isEqualTo(1);
  }

  @Test
  void filtersAreAcceptedAndOtherControlCommandsFail() {
    control.ask(new byte[] {NetProtocol.VIRTIO_NET_CTRL_MAC, 0, 0, 0, 0, 0});
    card.process(CONTROL, control.device);
    assertThat(control.answer()).isEqualTo(NetProtocol.VIRTIO_NET_OK);
    control.ask(new byte[] {NetProtocol.VIRTIO_NET_CTRL_MAC, 1, 0, 0});
    card.process(CONTROL, control.device);
    assertThat(control.answer()).isEqualTo(NetProtocol.VIRTIO_NET_ERR);
    control.giveRoom(1);
    card.process(CONTROL, control.device);
    assertThat(control.take()).hasSize(1);
  }
}
