package dev.ringzero.devices.virtio.vsock;

import static dev.ringzero.devices.virtio.vsock.VsockHeader.*;

import dev.ringzero.devices.virtio.VirtioDevice;
import dev.ringzero.devices.virtio.VirtioTransport;
import dev.ringzero.devices.virtio.VirtioType;
import dev.ringzero.devices.virtio.queue.DescriptorChain;
import dev.ringzero.devices.virtio.queue.Virtqueue;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;

/**
 * A virtio socket device: streams between a guest and its host. After a restore the guest is told
 * that all streams are gone.
 *
 * <p>Not modelled: sockets that keep message boundaries (SEQPACKET), streams between guests.
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "Socket Device"
 */
public final class VirtioSocket implements VirtioDevice {
  private static final int RECEIVE = 0;
  private static final int TRANSMIT = 1;
  private static final int EVENT = 2;
  private static final long VIRTIO_VSOCK_F_STREAM = 1 << 0;
  private static final int CONFIG_BYTES = 8;
  private static final int QUEUE_SIZE = 256;
  private static final int EVENT_QUEUE_SIZE = 16;
  private static final int PACKETS_A_STEP = 64;
  private static final int MOST_DATA_BYTES = 1 << 16;
  private static final int EVENT_BYTES = 4;
  private static final byte[] TRANSPORT_RESET = new byte[EVENT_BYTES];

  private final long guestCid;
  private final HostSockets host;
  private final VsockStreams streams = new VsockStreams(this::wakeReceive);
  private final VsockHeader incoming = new VsockHeader();
  private final VsockHeader outgoing = new VsockHeader();
  private VirtioTransport transport;
  private DescriptorChain receiveChain;
  private DescriptorChain transmitChain;
  private DescriptorChain eventChain;
  private volatile boolean running;
  private volatile boolean owesTransportReset;

  /**
   * Makes a device.
   *
   * @param guestCid by which the guest is known, from 3
   */
  public VirtioSocket(long guestCid, HostSockets host) {
    this.guestCid = guestCid;
    this.host = host;
  }

  /**
   * Asks the guest for a stream to one of its ports. Any thread.
   *
   * @return null if the guest has no driver for it, or there are too many streams
   */
  public VsockStream connect(int guestPort) {
    return running ? streams.addFromHost(guestPort) : null;
  }

  @Override
  public VirtioType type() {
    return VirtioType.SOCKET;
  }

  @Override
  public long features() {
    return VIRTIO_VSOCK_F_STREAM;
  }

  @Override
  public int[] queueSizes() {
    return new int[] {QUEUE_SIZE, QUEUE_SIZE, EVENT_QUEUE_SIZE};
  }

  @Override
  public void connect(VirtioTransport to) {
    transport = to;
    receiveChain = new DescriptorChain(to.memory());
    transmitChain = new DescriptorChain(to.memory());
    eventChain = new DescriptorChain(to.memory());
  }

  @Override
  public int configBytes() {
    return CONFIG_BYTES;
  }

  @Override
  public long readConfig(int offset, int sizeBytes) {
    return guestCid >>> 8 * offset & -1L >>> 64 - 8 * sizeBytes;
  }

  @Override
  public void activate(long features) {
    running = true;
  }

  @Override
  public void reset() {
    running = false;
    owesTransportReset = false;
    streams.clear();
  }

  private void wakeReceive() {
    transport.wake(RECEIVE);
  }

  @Override
  public boolean process(int index, Virtqueue queue) {
    boolean more =
        switch (index) {
          case RECEIVE -> receive(queue);
          case TRANSMIT -> transmit(queue);
          case EVENT -> event(queue);
          default -> false;
        };
    if (queue.isSignalDue()) {
      transport.signal(index);
    }
    return more;
  }

  private boolean event(Virtqueue queue) {
    if (owesTransportReset && queue.take(eventChain)) {
      owesTransportReset = false;
      queue.complete(eventChain, eventChain.write(0, TRANSPORT_RESET, 0, EVENT_BYTES));
    }
    return false;
  }

  // What the guest sends

  private boolean transmit(Virtqueue queue) {
    queue.beginTaking();
    for (int i = 0; i < PACKETS_A_STEP; i++) {
      if (streams.isFull()) {
        // The receive queue wakes this one when the guest took an answer.
        return false;
      }
      if (!queue.take(transmitChain)) {
        return queue.endTaking();
      }
      if (transmitChain.read(0, incoming.bytes(), 0, VsockHeader.BYTES) == VsockHeader.BYTES) {
        accept();
      }
      queue.complete(transmitChain, 0);
    }
    return true;
  }

  private void accept() {
    if (incoming.sourceCid() != guestCid || incoming.destinationCid() != HOST_CID) {
      return;
    }
    int guestPort = incoming.sourcePort();
    int hostPort = incoming.destinationPort();
    VsockStream asked = null;
    synchronized (streams) {
      VsockStream stream = streams.find(guestPort, hostPort);
      int operation = incoming.operation();
      if (incoming.type() != VIRTIO_VSOCK_TYPE_STREAM) {
        streams.refuse(guestPort, hostPort);
      } else if (stream != null) {
        accept(stream, operation);
      } else if (operation == VIRTIO_VSOCK_OP_REQUEST) {
        asked = request(guestPort, hostPort);
      } else if (operation != VIRTIO_VSOCK_OP_RST) {
        streams.refuse(guestPort, hostPort);
      }
    }
    if (asked != null) {
      host.requested(asked);
    }
  }

  private VsockStream request(int guestPort, int hostPort) {
    VsockStream stream = streams.add(guestPort, hostPort, false);
    if (stream != null && stream.credit(incoming)) {
      return stream;
    }
    if (stream != null) {
      streams.end(stream);
    }
    streams.refuse(guestPort, hostPort);
    return null;
  }

  private void accept(VsockStream stream, int operation) {
    boolean right =
        stream.credit(incoming)
            && switch (operation) {
              case VIRTIO_VSOCK_OP_RESPONSE -> stream.accepted();
              case VIRTIO_VSOCK_OP_RW -> data(stream);
              case VIRTIO_VSOCK_OP_CREDIT_UPDATE -> true;
              case VIRTIO_VSOCK_OP_CREDIT_REQUEST -> {
                stream.owesCredit();
                yield true;
              }
              case VIRTIO_VSOCK_OP_SHUTDOWN -> {
                if (stream.guestEnds(incoming.flags())) {
                  answerEnd(stream);
                }
                yield true;
              }
              default -> false;
            };
    if (!right) {
      boolean answers = operation != VIRTIO_VSOCK_OP_RST;
      streams.end(stream);
      if (answers) {
        streams.refuse(stream.guestPort(), stream.hostPort());
      }
      return;
    }
    streams.ready(stream);
    stream.listener().run();
  }

  /** Where a guest ends both directions it waits for a reset; the host still reads what came. */
  private void answerEnd(VsockStream stream) {
    streams.end(stream);
    streams.refuse(stream.guestPort(), stream.hostPort());
  }

  private boolean data(VsockStream stream) {
    long length = incoming.lengthBytes();
    boolean there = length <= transmitChain.readableBytes() - VsockHeader.BYTES;
    if (!there || !stream.mayReceive(length)) {
      return false;
    }
    if (stream.isUnwanted()) {
      stream.dropped((int) length);
    } else {
      stream.received().put(transmitChain, VsockHeader.BYTES, (int) length);
    }
    return true;
  }

  // What the guest gets

  private boolean receive(Virtqueue queue) {
    queue.beginTaking();
    boolean more = true;
    boolean waits = false;
    for (int i = 0; more && i < PACKETS_A_STEP; i++) {
      synchronized (streams) {
        more = streams.nextRefusal() != null || streams.nextReady() != null;
        if (more && !queue.take(receiveChain)) {
          more = false;
          waits = true;
        } else if (more) {
          queue.complete(receiveChain, give());
        }
      }
    }
    return more || waits && queue.endTaking();
  }

  /** Puts the next packet into the guest's buffer; returns its length. */
  private long give() {
    if (receiveChain.writableBytes() < VsockHeader.BYTES) {
      transport.misused("a receive buffer without room for a header");
      return 0;
    }
    VsockStreams.Refusal refusal = streams.nextRefusal();
    if (refusal != null) {
      boolean wasFull = streams.isFull();
      streams.refused();
      if (wasFull) {
        transport.wake(TRANSMIT);
      }
      outgoing.set(guestCid, refusal.hostPort(), refusal.guestPort(), VIRTIO_VSOCK_OP_RST, 0);
      return receiveChain.write(0, outgoing.bytes(), 0, VsockHeader.BYTES);
    }
    VsockStream stream = streams.nextReady();
    long length = give(stream);
    streams.hadTurn(stream);
    return length;
  }

  private long give(VsockStream stream) {
    VsockStream.Packet packet = stream.next();
    int operation =
        switch (packet) {
          case REQUEST -> VIRTIO_VSOCK_OP_REQUEST;
          case RESPONSE -> VIRTIO_VSOCK_OP_RESPONSE;
          case DATA -> VIRTIO_VSOCK_OP_RW;
          case SHUTDOWN -> VIRTIO_VSOCK_OP_SHUTDOWN;
          case RESET -> VIRTIO_VSOCK_OP_RST;
          case NONE, CREDIT_UPDATE -> VIRTIO_VSOCK_OP_CREDIT_UPDATE;
        };
    int flags = packet == VsockStream.Packet.SHUTDOWN ? stream.shutdownFlags() : 0;
    outgoing.set(guestCid, stream.hostPort(), stream.guestPort(), operation, flags);
    int data = 0;
    if (packet == VsockStream.Packet.DATA) {
      long room = receiveChain.writableBytes() - VsockHeader.BYTES;
      data = stream.sendable(Math.min(MOST_DATA_BYTES, room));
      outgoing.lengthBytes(data);
      stream.toSend().take(receiveChain, VsockHeader.BYTES, data);
      stream.listener().run();
    }
    stream.sent(packet, data, outgoing);
    receiveChain.write(0, outgoing.bytes(), 0, VsockHeader.BYTES);
    return VsockHeader.BYTES + data;
  }

  @Override
  public void save(StateWriter out) {
    out.writeBoolean(owesTransportReset || !streams.isEmpty());
  }

  @Override
  public void restore(StateReader in) {
    owesTransportReset = in.readBoolean();
  }
}
