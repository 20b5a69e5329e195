package dev.ringzero.devices.virtio.vsock;

import static dev.ringzero.devices.virtio.vsock.VsockHeader.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.devices.virtio.vsock.SocketDriver.Packet;
import dev.ringzero.testkit.SavedState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class VirtioSocketTest {
  private static final int GUEST = 1234;
  private static final int HOST = 52;

  private final List<VsockStream> requested = new ArrayList<>();
  private final VirtioSocket device = new VirtioSocket(SocketDriver.CID, requested::add);
  private final SocketDriver guest = new SocketDriver(device);

  @AfterEach
  void close() {
    guest.close();
  }

  private VsockStream openedByGuest() {
    guest.send(VIRTIO_VSOCK_OP_REQUEST, GUEST, HOST, 0, "");
    VsockStream stream = requested.getFirst();
    stream.accept();
    assertThat(guest.take().operation()).isEqualTo(VIRTIO_VSOCK_OP_RESPONSE);
    return stream;
  }

  private void assertReset() {
    Packet packet = guest.take();
    assertThat(packet).isNotNull();
    assertThat(packet.operation()).isEqualTo(VIRTIO_VSOCK_OP_RST);
  }

  private static String read(VsockStream stream) {
    byte[] bytes = new byte[100];
    int count = stream.read(bytes, 0, bytes.length);
    return count < 0 ? null : new String(bytes, 0, count, StandardCharsets.US_ASCII);
  }

  private static int write(VsockStream stream, int count) {
    return stream.write(new byte[count], 0, count);
  }

  @Test
  void theGuestLearnsItsCid() {
    assertThat(guest.driver.readConfig(0, 8)).isEqualTo(SocketDriver.CID);
    assertThat(guest.driver.readConfig(0, 4)).isEqualTo(SocketDriver.CID);
  }

  @Test
  void aGuestsRequestIsAcceptedAndDataGoBothWays() {
    guest.giveBuffers(8);
    VsockStream stream = openedByGuest();
    guest.send(VIRTIO_VSOCK_OP_RW, GUEST, HOST, 0, "hello");
    assertThat(read(stream)).isEqualTo("hello");
    assertThat(read(stream)).isEmpty();
    stream.write("world".getBytes(), 0, 5);
    Packet packet = guest.take();
    assertThat(packet.operation()).isEqualTo(VIRTIO_VSOCK_OP_RW);
    assertThat(packet.guestPort()).isEqualTo(GUEST);
    assertThat(packet.hostPort()).isEqualTo(HOST);
    assertThat(packet.taken()).isEqualTo(5);
    assertThat(packet.data()).asString(StandardCharsets.US_ASCII).isEqualTo("world");
  }

  @Test
  void aRequestThatNobodyTakesIsReset() {
    guest.giveBuffers(8);
    guest.send(VIRTIO_VSOCK_OP_REQUEST, GUEST, HOST, 0, "");
    requested.getFirst().reset();
    assertReset();
    guest.send(VIRTIO_VSOCK_OP_REQUEST, GUEST, HOST, 0, "");
    assertThat(requested).hasSize(2);
  }

  @Test
  void theHostReachesAPortOfTheGuest() {
    guest.giveBuffers(8);
    VsockStream stream = device.connect(80);
    Packet packet = guest.take();
    assertThat(packet.operation()).isEqualTo(VIRTIO_VSOCK_OP_REQUEST);
    assertThat(packet.guestPort()).isEqualTo(80);
    assertThat(stream.isAnswered()).isFalse();
    guest.send(VIRTIO_VSOCK_OP_RESPONSE, 80, packet.hostPort(), 0, "");
    assertThat(stream.isAnswered()).isTrue();
    assertThat(stream.isClosed()).isFalse();
  }

  @Test
  void aPortOfTheGuestThatNobodyServesEndsTheStream() {
    guest.giveBuffers(8);
    VsockStream stream = device.connect(80);
    guest.send(VIRTIO_VSOCK_OP_RST, 80, guest.take().hostPort(), 0, "");
    assertThat(stream.isClosed()).isTrue();
    assertThat(guest.take()).isNull();
  }

  @Test
  void theHostSendsNoMoreThanTheGuestHasRoomFor() {
    guest.giveBuffers(8);
    guest.send(SocketDriver.CID, 2, VIRTIO_VSOCK_OP_REQUEST, 1, GUEST, HOST, 0, 100, 0, 0, "");
    VsockStream stream = requested.getFirst();
    stream.accept();
    guest.take();
    assertThat(write(stream, 150)).isEqualTo(150);
    assertThat(guest.take().data()).hasSize(100);
    assertThat(guest.take()).isNull();
    guest.send(
        SocketDriver.CID, 2, VIRTIO_VSOCK_OP_CREDIT_UPDATE, 1, GUEST, HOST, 0, 100, 80, 0, "");
    assertThat(guest.take().data()).hasSize(50);
  }

  @Test
  void theGuestGetsCreditWhenTheHostReads() {
    guest.giveBuffers(8);
    VsockStream stream = openedByGuest();
    String data = "x".repeat(60_000);
    guest.send(VIRTIO_VSOCK_OP_RW, GUEST, HOST, 0, data);
    guest.send(VIRTIO_VSOCK_OP_RW, GUEST, HOST, 0, data);
    assertThat(guest.take()).isNull();
    assertThat(stream.read(new byte[70_000], 0, 70_000)).isEqualTo(70_000);
    Packet packet = guest.take();
    assertThat(packet.operation()).isEqualTo(VIRTIO_VSOCK_OP_CREDIT_UPDATE);
    assertThat(packet.taken()).isEqualTo(70_000);
  }

  @Test
  void aGuestThatSendsMoreThanItMayIsReset() {
    guest.giveBuffers(8);
    VsockStream stream = openedByGuest();
    String data = "x".repeat(60_000);
    for (int i = 0; i < 3; i++) {
      guest.send(VIRTIO_VSOCK_OP_RW, GUEST, HOST, 0, data);
    }
    assertReset();
    assertThat(stream.isClosed()).isTrue();
  }

  @Test
  void whatCameBeforeAnEndIsStillRead() {
    guest.giveBuffers(8);
    VsockStream stream = openedByGuest();
    guest.send(VIRTIO_VSOCK_OP_RW, GUEST, HOST, 0, "last");
    guest.send(VIRTIO_VSOCK_OP_SHUTDOWN, GUEST, HOST, SHUTDOWN_BOTH, "");
    assertReset();
    assertThat(read(stream)).isEqualTo("last");
    assertThat(read(stream)).isNull();
    assertThat(write(stream, 1)).isEqualTo(-1);
  }

  @Test
  void theHostsEndComesBehindItsData() {
    guest.giveBuffers(8);
    VsockStream stream = openedByGuest();
    write(stream, 5000);
    stream.endSending();
    assertThat(guest.take().data().length).isEqualTo(SocketDriver.BUFFER_BYTES - 44);
    assertThat(guest.take().data()).hasSize(5000 - SocketDriver.BUFFER_BYTES + 44);
    Packet end = guest.take();
    assertThat(end.operation()).isEqualTo(VIRTIO_VSOCK_OP_SHUTDOWN);
    assertThat(end.flags()).isEqualTo(VIRTIO_VSOCK_SHUTDOWN_F_SEND);
    guest.send(VIRTIO_VSOCK_OP_RW, GUEST, HOST, 0, "still");
    assertThat(read(stream)).isEqualTo("still");
  }

  @Test
  void whatBelongsToNoStreamIsReset() {
    guest.giveBuffers(8);
    for (int operation : new int[] {0, 2, 4, 5, 6, 7, 99}) {
      guest.send(operation, 7, 7, 0, "");
      assertReset();
    }
    guest.send(VIRTIO_VSOCK_OP_RST, 7, 7, 0, "");
    assertThat(guest.take()).isNull();
  }

  @Test
  void anUnknownTypeIsResetAndAWrongCidIsNotAnswered() {
    guest.giveBuffers(8);
    guest.send(SocketDriver.CID, 2, VIRTIO_VSOCK_OP_REQUEST, 2, GUEST, HOST, 0, 100, 0, 0, "");
    assertReset();
    guest.send(SocketDriver.CID + 1, 2, VIRTIO_VSOCK_OP_REQUEST, 1, 7, 7, 0, 100, 0, 0, "");
    guest.send(SocketDriver.CID, 3, VIRTIO_VSOCK_OP_REQUEST, 1, 7, 7, 0, 100, 0, 0, "");
    assertThat(guest.take()).isNull();
    assertThat(requested).isEmpty();
  }

  @Test
  void aLengthBeyondThePacketEndsTheStream() {
    guest.giveBuffers(8);
    openedByGuest();
    guest.send(SocketDriver.CID, 2, VIRTIO_VSOCK_OP_RW, 1, GUEST, HOST, 0, 100, 0, -1, "abc");
    assertReset();
  }

  @Test
  void aGuestThatTakesNoAnswersIsNotListenedToUntilItDoes() {
    for (int i = 0; i < 300; i++) {
      guest.send(VIRTIO_VSOCK_OP_RW, i, 7, 0, "");
    }
    assertThat(guest.transmitIsStuck()).isTrue();
    guest.giveBuffers(8);
    for (int i = 0; i < 300; i++) {
      assertReset();
    }
    assertThat(guest.transmitIsStuck()).isFalse();
  }

  @Test
  void aResetOfTheDeviceEndsAllStreams() {
    guest.giveBuffers(8);
    VsockStream stream = openedByGuest();
    guest.driver.status(0);
    assertThat(stream.isClosed()).isTrue();
    assertThat(device.connect(80)).isNull();
  }

  @Test
  void afterARestoreTheGuestIsToldThatItsStreamsAreGone() {
    guest.giveBuffers(8);
    openedByGuest();
    byte[] saved = SavedState.of(guest.driver.device);
    assertThat(SavedState.restoredInto(guest.driver.device, saved)).isEqualTo(saved);
    guest.giveEventBuffer();
    assertThat(guest.eventCame()).isTrue();
    guest.send(VIRTIO_VSOCK_OP_RW, GUEST, HOST, 0, "old");
    assertReset();
  }

  @Test
  void anyPacketIsSurvived() {
    guest.giveBuffers(8);
    Random random = new Random(3);
    for (int i = 0; i < 20_000; i++) {
      byte[] packet = new byte[random.nextInt(60) + 1];
      random.nextBytes(packet);
      if (packet.length >= 44 && random.nextInt(10) > 0) {
        plausible(packet, random);
      }
      guest.sendRaw(packet);
      if (random.nextInt(4) == 0 && !requested.isEmpty()) {
        use(requested.get(random.nextInt(requested.size())), random);
      }
      guest.take();
    }
    assertThat(guest.driver.needsReset()).isFalse();
  }

  private static void plausible(byte[] packet, Random random) {
    java.nio.ByteBuffer header =
        java.nio.ByteBuffer.wrap(packet).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    header.putLong(0, SocketDriver.CID).putLong(8, 2);
    header.putInt(16, random.nextInt(4)).putInt(20, random.nextInt(4));
    header.putInt(24, random.nextInt(20)).putShort(28, (short) 1);
    header.putShort(30, (short) random.nextInt(9)).putInt(40, random.nextInt(3));
  }

  private static void use(VsockStream stream, Random random) {
    switch (random.nextInt(6)) {
      case 0 -> stream.accept();
      case 1 -> stream.read(new byte[100], 0, 100);
      case 2 -> write(stream, 1000);
      case 3 -> stream.endSending();
      case 4 -> stream.endReceiving();
      default -> stream.reset();
    }
  }
}
