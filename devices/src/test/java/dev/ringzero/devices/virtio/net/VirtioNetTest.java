package dev.ringzero.devices.virtio.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.devices.virtio.VirtioTransport;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.wire.Offloads;
import dev.ringzero.engine.wire.Packet;
import dev.ringzero.engine.wire.Wire;
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
  private final VirtioNet card = new VirtioNet(MAC, 1500, 1, wire);
  private final TestQueue receive = new TestQueue(memory, 0x10_0000);
  private final TestQueue transmit = new TestQueue(memory, 0x20_0000);
  private final TestQueue control = new TestQueue(memory, 0x30_0000);
  private int configChanges;

  private static final class TestWire implements Wire {
    final List<Packet> sent = new ArrayList<>();
    final Deque<Packet> waiting = new ArrayDeque<>();
    Offloads offloads;

    @Override
    public void send(Packet packet) {
      sent.add(packet);
    }

    @Override
    public Packet receive() {
      return waiting.poll();
    }

    @Override
    public void onArrival(Runnable listener) {}

    @Override
    public void accept(Offloads taken) {
      offloads = taken;
    }

    void arrives(byte[] frame) {
      waiting.add(Packet.of(frame, 0, frame.length));
    }
  }

  private static byte[] frameOf(Packet packet) {
    return Arrays.copyOfRange(packet.bytes(), Packet.FRAME, Packet.FRAME + packet.length());
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
    byte[] packet = new byte[Packet.FRAME + frame.length];
    System.arraycopy(frame, 0, packet, Packet.FRAME, frame.length);
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
    assertThat(frameOf(wire.sent.getFirst())).isEqualTo(frame(60));
    assertThat(transmit.take()).isEmpty();
  }

  @Test
  void whatIsLeftToDoGoesAlongIfItWasNegotiated() {
    byte[] packet = packet(new byte[40]);
    packet[Packet.FLAGS] = (byte) 0xFF;
    packet[Packet.CHECKSUM_START] = 20;
    packet[Packet.CHECKSUM_OFFSET] = 16;
    transmit.give(packet);
    card.process(TRANSMIT, transmit.device);
    assertThat(wire.sent.getFirst().needsChecksum()).isFalse();
    card.reset();
    card.activate(NetProtocol.VIRTIO_NET_F_CSUM);
    transmit.give(packet);
    card.process(TRANSMIT, transmit.device);
    Packet sent = wire.sent.getLast();
    assertThat(sent.bytes()[Packet.FLAGS]).isEqualTo((byte) Packet.NEEDS_CHECKSUM);
    assertThat(sent.checksumStart() + sent.checksumOffset()).isEqualTo(36);
  }

  @Test
  void frameLongerThanTheNetworkIsDroppedUnlessItIsToBeCut() {
    card.reset();
    card.activate(NetProtocol.VIRTIO_NET_F_CSUM | NetProtocol.VIRTIO_NET_F_HOST_TSO4);
    transmit.give(packet(frame(1519)));
    byte[] segments = packet(frame(3000));
    segments[Packet.SEGMENTATION] = Packet.SEGMENTATION_TCP4;
    transmit.give(segments);
    card.process(TRANSMIT, transmit.device);
    assertThat(wire.sent).hasSize(1);
    assertThat(wire.sent.getFirst().length()).isEqualTo(3000);
  }

  @Test
  void whatIsNoFrameIsDroppedAndCounted() {
    transmit.give(new byte[5]);
    transmit.give(packet(new byte[13]));
    byte[] segmented = packet(frame(60));
    segmented[Packet.SEGMENTATION] = 1;
    transmit.give(segmented);
    card.process(TRANSMIT, transmit.device);
    assertThat(wire.sent).isEmpty();
    assertThat(card.counters().sendDrops()).isEqualTo(3);
  }

  @Test
  void frameArrivesBehindItsHeader() {
    wire.arrives(frame(100));
    receive.giveRoom(1600);
    card.process(RECEIVE, receive.device);
    byte[] packet = receive.take();
    assertThat(packet[Packet.BUFFERS]).isEqualTo((byte) 1);
    assertThat(Arrays.copyOfRange(packet, 12, packet.length)).isEqualTo(frame(100));
  }

  @Test
  void longFrameTakesSeveralBuffers() {
    wire.arrives(frame(1000));
    for (int i = 0; i < 3; i++) {
      receive.giveRoom(400);
    }
    card.process(RECEIVE, receive.device);
    byte[] first = receive.take();
    assertThat(first).hasSize(400);
    assertThat(first[Packet.BUFFERS]).isEqualTo((byte) 3);
    assertThat(receive.take()).hasSize(400);
    assertThat(receive.take()).hasSize(1012 - 800);
  }

  @Test
  void frameWaitsUntilThereAreEnoughBuffers() {
    wire.arrives(frame(1000));
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
    wire.arrives(frame(1000));
    wire.arrives(frame(60));
    receive.giveRoom(400);
    card.process(RECEIVE, receive.device);
    assertThat(receive.take()).hasSize(72);
    assertThat(card.counters().receiveDrops()).isEqualTo(1);
  }

  private int ask(int kind, int what, int... data) {
    byte[] command = new byte[2 + data.length];
    command[0] = (byte) kind;
    command[1] = (byte) what;
    for (int i = 0; i < data.length; i++) {
      command[2 + i] = (byte) data[i];
    }
    control.ask(command);
    card.process(CONTROL, control.device);
    return control.answer();
  }

  private byte[] addressed(long to) {
    byte[] frame = frame(60);
    for (int i = 0; i < 6; i++) {
      frame[i] = (byte) (to >>> 40 - 8 * i);
    }
    return frame;
  }

  private boolean arrives(byte[] frame) {
    long before = card.counters().framesReceived();
    wire.arrives(frame);
    receive.giveRoom(1600);
    card.process(RECEIVE, receive.device);
    return card.counters().framesReceived() > before;
  }

  @Test
  void driverGetsTheAddressesThatItAskedFor() {
    assertThat(arrives(addressed(0x02_00_00_00_00_09L))).isTrue();
    assertThat(ask(NetProtocol.VIRTIO_NET_CTRL_RX, 0, 0)).isZero();
    assertThat(arrives(addressed(0x02_00_00_00_00_09L))).isFalse();
    assertThat(arrives(addressed(MAC))).isTrue();
    assertThat(arrives(addressed(0xFFFF_FFFF_FFFFL))).isTrue();
    assertThat(arrives(addressed(0x33_33_00_00_00_01L))).isFalse();
    assertThat(
            ask(NetProtocol.VIRTIO_NET_CTRL_MAC, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0x33, 0x33, 0, 0, 0, 1))
        .isZero();
    assertThat(arrives(addressed(0x33_33_00_00_00_01L))).isTrue();
    assertThat(ask(NetProtocol.VIRTIO_NET_CTRL_MAC, 1, 2, 0, 0, 0, 0, 9)).isZero();
    assertThat(arrives(addressed(0x02_00_00_00_00_09L))).isTrue();
    assertThat(card.readConfig(0, 1)).isEqualTo(2);
  }

  @Test
  void vlansAreFilteredWhereThatWasNegotiated() {
    card.reset();
    card.activate(NetProtocol.VIRTIO_NET_F_CTRL_VLAN);
    ask(NetProtocol.VIRTIO_NET_CTRL_RX, 0, 0);
    byte[] tagged = addressed(MAC);
    tagged[12] = (byte) 0x81;
    tagged[13] = 0;
    tagged[14] = 0;
    tagged[15] = 10;
    assertThat(arrives(tagged)).isFalse();
    assertThat(ask(NetProtocol.VIRTIO_NET_CTRL_VLAN, 0, 10, 0)).isZero();
    assertThat(arrives(tagged)).isTrue();
    assertThat(ask(NetProtocol.VIRTIO_NET_CTRL_VLAN, 1, 10, 0)).isZero();
    assertThat(arrives(tagged)).isFalse();
    assertThat(ask(NetProtocol.VIRTIO_NET_CTRL_VLAN, 0, 0, 16)).isEqualTo(1);
  }

  @Test
  void nonsenseOnTheControlQueueIsAnsweredWithAnError() {
    Random random = new Random(5);
    for (int i = 0; i < 2000; i++) {
      int[] data = random.ints(random.nextInt(40), 0, 256).toArray();
      ask(random.nextInt(8), random.nextInt(4), data);
    }
    assertThat(ask(NetProtocol.VIRTIO_NET_CTRL_MAC, 0, 255, 255, 255, 255, 0, 0, 0, 0)).isOne();
    assertThat(ask(NetProtocol.VIRTIO_NET_CTRL_MQ, 0, 2, 0)).isOne();
  }

  @Test
  void offloadsThatTheDriverTakesAreToldToTheWire() {
    card.reset();
    assertThat(wire.offloads).isEqualTo(Offloads.NONE);
    long all = NetProtocol.VIRTIO_NET_F_GUEST_CSUM | NetProtocol.VIRTIO_NET_F_GUEST_TSO4;
    card.activate(all | NetProtocol.VIRTIO_NET_F_CTRL_GUEST_OFFLOADS);
    assertThat(wire.offloads).isEqualTo(new Offloads(true, true, false));
    assertThat(ask(NetProtocol.VIRTIO_NET_CTRL_GUEST_OFFLOADS, 0, 2, 0, 0, 0, 0, 0, 0, 0)).isZero();
    assertThat(wire.offloads).isEqualTo(new Offloads(true, false, false));
  }

  @Test
  void aCableThatComesBackLetsTheDriverAnnounceItself() {
    card.reset();
    card.activate(NetProtocol.VIRTIO_NET_F_GUEST_ANNOUNCE);
    card.linkUp(false);
    card.linkUp(true);
    assertThat(card.readConfig(6, 2)).isEqualTo(3);
    assertThat(ask(NetProtocol.VIRTIO_NET_CTRL_ANNOUNCE, 0)).isZero();
    assertThat(card.readConfig(6, 2)).isEqualTo(1);
  }

  @Test
  void savedStateComesBackTheSame() {
    ask(NetProtocol.VIRTIO_NET_CTRL_MAC, 1, 2, 0, 0, 0, 0, 9);
    ask(NetProtocol.VIRTIO_NET_CTRL_RX, 0, 0);
    ask(NetProtocol.VIRTIO_NET_CTRL_MAC, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0x33, 0x33, 0, 0, 0, 1);
    ask(NetProtocol.VIRTIO_NET_CTRL_VLAN, 0, 10, 0);
    StateWriter saved = new StateWriter();
    card.save(saved);
    VirtioNet other = new VirtioNet(MAC, 1500, 1, new TestWire());
    other.connect(new TestTransport());
    other.restore(new StateReader(saved.toByteArray()));
    other.activate(NetProtocol.VIRTIO_NET_F_MRG_RXBUF);
    StateWriter again = new StateWriter();
    other.save(again);
    assertThat(again.toByteArray()).isEqualTo(saved.toByteArray());
  }

  @Test
  void receivedFlowsGoToTheQueueOnWhichTheirAnswersAreSent() {
    VirtioNet wide = new VirtioNet(MAC, 1500, 2, wire);
    wide.connect(new TestTransport());
    wide.activate(NetProtocol.VIRTIO_NET_F_MQ | NetProtocol.VIRTIO_NET_F_MRG_RXBUF);
    TestQueue second = new TestQueue(memory, 0x40_0000);
    TestQueue secondSend = new TestQueue(memory, 0x50_0000);
    control.ask(new byte[] {NetProtocol.VIRTIO_NET_CTRL_MQ, 0, 2, 0});
    wide.process(4, control.device);
    assertThat(control.answer()).isZero();
    byte[] flow = frame(60);
    flow[12] = 8;
    flow[13] = 0;
    flow[14] = 0x45;
    secondSend.give(packet(flow));
    wide.process(3, secondSend.device);
    wire.arrives(flow);
    receive.giveRoom(1600);
    second.giveRoom(1600);
    wide.process(0, receive.device);
    assertThat(receive.take()).isNull();
    wide.process(2, second.device);
    assertThat(second.take()).hasSize(72);
  }
}
