package dev.ringzero.vmm.xen.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.engine.wire.Packet;
import dev.ringzero.engine.wire.Wire;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.vmm.xen.store.Store;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A network card of a paravirtual guest, to drivers good and bad. */
final class PvNetworkTest {
  private static final String FRONT = Store.HOME + "/device/vif/0";
  private static final String BACK = "/local/domain/0/backend/vif/1/0";
  private static final int SEND = 1, RECEIVE = 2, DATA = 3, SEND_ENTRY = 12, RECEIVE_ENTRY = 8;
  private static final int BLANK = 1, MORE = 4, EXTRA = 8;

  private final FrontEnd guest = new FrontEnd();
  private final Cable cable = new Cable();
  private final PvNetwork card =
      new PvNetwork(guest.store, guest, guest.runner, 0, 0x525400123456L, 1500, cable);

  @BeforeEach
  void connect() {
    assertThat(guest.store.read(FRONT + "/mac")).contains("52:54:00:12:34:56");
    guest.write(FRONT, "tx-ring-ref", SEND);
    guest.write(FRONT, "rx-ring-ref", RECEIVE);
    guest.write(FRONT, "event-channel", FrontEnd.PORT);
    guest.write(FRONT, "state", 4);
    assertThat(guest.store.read(BACK + "/state")).contains("4");
    MachineMemory.fill(guest.frame(DATA), 4096, 0xAB);
  }

  @AfterEach
  void close() {
    cable.sent.forEach(Packet::release);
    guest.close();
  }

  private void send(int reference, int offset, int flags, int size) {
    ByteBuffer request = FrontEnd.buffer(SEND_ENTRY);
    request.putInt(0, reference).putShort(4, (short) offset).putShort(6, (short) flags);
    request.putShort(8, (short) 7).putShort(10, (short) size);
    guest.request(SEND, SEND_ENTRY, request);
    guest.kick();
  }

  private void offer(int reference) {
    ByteBuffer request = FrontEnd.buffer(RECEIVE_ENTRY);
    request.putShort(0, (short) 3).putInt(4, reference);
    guest.request(RECEIVE, RECEIVE_ENTRY, request);
    guest.kick();
  }

  @Test
  void packetsOfSeveralPiecesLeaveWhole() {
    send(DATA, 0, MORE, 1000);
    assertThat(cable.sent).isEmpty();
    send(DATA, 4000, MORE, 90);
    send(DATA, 5, 0, 10);
    assertThat(cable.sent).hasSize(1);
    assertThat(cable.sent.getFirst().length()).isEqualTo(1000);
    assertThat(guest.responses(SEND)).isEqualTo(3);
    assertThat(guest.response(SEND, SEND_ENTRY, 2).getShort(0)).isEqualTo((short) 7);
  }

  @Test
  void blankChecksumIsLeftToTheWire() {
    long at = guest.frame(DATA);
    MachineMemory.write16(at + 12, 0x0008);
    MachineMemory.write8(at + 14, 0x45);
    MachineMemory.write8(at + 23, 6);
    send(DATA, 0, BLANK, 100);
    assertThat(cable.sent.getFirst().needsChecksum()).isTrue();
    assertThat(cable.sent.getFirst().checksumStart()).isEqualTo(34);
    MachineMemory.write8(at + 14, 0x4F);
    send(DATA, 0, BLANK, 80);
    assertThat(cable.sent).as("the header is longer than the packet").hasSize(1);
  }

  @Test
  void whatIsNoPacketIsDropped() {
    send(DATA, 0, 0, 13);
    send(DATA, 0, 0, 1519);
    send(DATA, 4000, 0, 100);
    send(99, 0, 0, 100);
    send(DATA, 0, EXTRA, 100);
    send(DATA, 0, MORE, 100);
    send(DATA, 0, 0, 101);
    for (int i = 0; i < 40; i++) {
      send(DATA, 0, i < 39 ? MORE : 0, 20);
    }
    assertThat(cable.sent).isEmpty();
    assertThat(card.counters().dropped()).isEqualTo(7);
    send(DATA, 0, 0, 60);
    assertThat(cable.sent).hasSize(1);
  }

  @Test
  void packetWaitsForBuffers() {
    cable.arrive(5000);
    guest.runner.run();
    offer(DATA + 1);
    assertThat(guest.responses(RECEIVE)).isZero();
    offer(DATA + 2);
    assertThat(guest.responses(RECEIVE)).isEqualTo(2);
    assertThat(guest.response(RECEIVE, RECEIVE_ENTRY, 0).getShort(6)).isEqualTo((short) 4096);
    assertThat(guest.response(RECEIVE, RECEIVE_ENTRY, 0).getShort(4) & 4).isEqualTo(4);
    assertThat(guest.response(RECEIVE, RECEIVE_ENTRY, 1).getShort(6)).isEqualTo((short) 904);
    cable.arrive(60);
    offer(99);
    assertThat(guest.response(RECEIVE, RECEIVE_ENTRY, 2).getShort(6)).isEqualTo((short) -1);
    assertThat(card.counters().dropped()).isEqualTo(1);
  }

  @Test
  void ringWithPositionsOutOfBoundsIsUsedNoMore() {
    MachineMemory.write32(guest.frame(SEND), 0xFFFF_FFFFL);
    guest.kick();
    assertThat(guest.store.read(BACK + "/error")).isPresent();
    MachineMemory.write32(guest.frame(SEND), 0);
    send(DATA, 0, 0, 60);
    assertThat(cable.sent).isEmpty();
  }

  private static final class Cable implements Wire {
    final Deque<Packet> sent = new ArrayDeque<>();
    private final Deque<Packet> arrived = new ArrayDeque<>();
    private Runnable listener = () -> {};

    void arrive(int length) {
      arrived.add(Packet.take(length));
      listener.run();
    }

    @Override
    public void send(Packet packet) {
      sent.add(packet);
    }

    @Override
    public Packet receive() {
      return arrived.poll();
    }

    @Override
    public void onArrival(Runnable arrival) {
      listener = arrival;
    }
  }
}
