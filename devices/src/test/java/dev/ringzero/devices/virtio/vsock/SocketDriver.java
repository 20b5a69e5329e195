package dev.ringzero.devices.virtio.vsock;

import dev.ringzero.devices.virtio.VirtioDriver;
import dev.ringzero.devices.virtio.VirtioFeature;
import dev.ringzero.testkit.VirtqueueDriver;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;

/** A driver's side of a socket device: sends packets, and has buffers for those that come. */
final class SocketDriver implements AutoCloseable {
  static final long CID = 42;
  static final int BUFFER_BYTES = 4096;
  private static final int QUEUE_SIZE = 64;
  private static final long RECEIVE_BUFFERS = 0x20_0000;
  private static final long TRANSMIT_BUFFER = 0x30_0000;

  final VirtioDriver driver;
  private final VirtqueueDriver receive;
  private final VirtqueueDriver transmit;
  private final VirtqueueDriver events;
  private final Deque<Packet> packets = new ArrayDeque<>();
  private final long[] bufferOfHead = new long[QUEUE_SIZE];

  /** A packet that came. */
  record Packet(int operation, int guestPort, int hostPort, int flags, int taken, byte[] data) {}

  SocketDriver(VirtioSocket device) {
    driver = new VirtioDriver(device);
    driver.negotiate(VirtioFeature.VIRTIO_F_VERSION_1 | 1);
    receive = driver.queue(0, QUEUE_SIZE, VirtioDriver.NO_VECTOR);
    transmit = driver.queue(1, QUEUE_SIZE, VirtioDriver.NO_VECTOR);
    events = driver.queue(2, 16, VirtioDriver.NO_VECTOR);
    driver.ready();
  }

  void giveBuffers(int count) {
    for (int i = 0; i < count; i++) {
      giveBuffer(RECEIVE_BUFFERS + (long) BUFFER_BYTES * i, BUFFER_BYTES);
    }
    driver.kick(0);
  }

  void giveBuffer(long gpa, int lengthBytes) {
    int head = receive.add(VirtqueueDriver.writable(gpa, lengthBytes));
    bufferOfHead[head] = gpa;
  }

  void giveEventBuffer() {
    events.add(VirtqueueDriver.writable(TRANSMIT_BUFFER + 0x8_0000, 4));
    driver.kick(2);
  }

  boolean eventCame() {
    return !events.takeUsed().isEmpty();
  }

  void send(int operation, int guestPort, int hostPort, int flags, String data) {
    send(CID, 2, operation, 1, guestPort, hostPort, flags, 1 << 16, 0, data.length(), data);
  }

  void send(
      long from,
      long to,
      int operation,
      int type,
      int guestPort,
      int hostPort,
      int flags,
      int room,
      int taken,
      int length,
      String data) {
    ByteBuffer packet = ByteBuffer.allocate(44 + data.length()).order(ByteOrder.LITTLE_ENDIAN);
    packet.putLong(from).putLong(to).putInt(guestPort).putInt(hostPort).putInt(length);
    packet.putShort((short) type).putShort((short) operation).putInt(flags);
    packet.putInt(room).putInt(taken).put(data.getBytes());
    sendRaw(packet.array());
  }

  void sendRaw(byte[] packet) {
    driver.memory.write(TRANSMIT_BUFFER, packet);
    transmit.add(VirtqueueDriver.readable(TRANSMIT_BUFFER, packet.length));
    driver.kick(1);
    transmit.takeUsed();
  }

  /** How many packets the device has not taken. */
  boolean transmitIsStuck() {
    return driver.memory.read16(transmit.used() + 2)
        != driver.memory.read16(transmit.available() + 2);
  }

  /** The next packet that came, or null; its buffer is given again. */
  Packet take() {
    driver.runner.run();
    for (VirtqueueDriver.Used used : receive.takeUsed()) {
      long gpa = bufferOfHead[used.head()];
      byte[] bytes = new byte[used.writtenBytes()];
      driver.memory.read(gpa, bytes, 0, bytes.length);
      ByteBuffer packet = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      byte[] data = new byte[bytes.length - 44];
      packet.get(44, data);
      packets.add(
          new Packet(
              packet.getShort(30),
              packet.getInt(20),
              packet.getInt(16),
              packet.getInt(32),
              packet.getInt(40),
              data));
      giveBuffer(gpa, BUFFER_BYTES);
      driver.kick(0);
    }
    return packets.poll();
  }

  @Override
  public void close() {
    driver.close();
  }
}
