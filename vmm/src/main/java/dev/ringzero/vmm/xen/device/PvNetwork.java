package dev.ringzero.vmm.xen.device;

import dev.ringzero.engine.AgentRunner;
import dev.ringzero.engine.wire.Offloads;
import dev.ringzero.engine.wire.Packet;
import dev.ringzero.engine.wire.Wire;
import dev.ringzero.vmm.xen.store.Store;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The monitor's half of a network card of a paravirtual guest. What the guest sends may lie in
 * several of its frames, with the checksum left to the wire.
 *
 * <p>Not modelled: segmentation, several rings, multicast lists.
 *
 * @spec Xen public/io/netif.h
 */
public final class PvNetwork extends PvDevice {
  private static final int SENT_BYTES = 12;
  private static final int SENT_RESPONSE_BYTES = 4;
  private static final int RECEIVED_BYTES = 8;
  private static final int PAGE_BYTES = 4096;
  private static final int PACKETS_A_STEP = 64;
  private static final int MOST_PIECES = 18;

  private static final int CHECKSUM_BLANK = 1;
  private static final int MORE_DATA = 4;
  private static final int EXTRA_INFO = 8;
  private static final int RECEIVED_VALIDATED = 1;
  private static final int RECEIVED_BLANK = 2;
  private static final int RECEIVED_MORE = 4;
  private static final int OKAY = 0;
  private static final int ERROR = -1;

  private static final int ETHERNET_BYTES = 14;
  private static final int TAG_BYTES = 4;

  private final int mostFrameBytes;
  private final Wire wire;
  private final byte[] request = new byte[SENT_BYTES];
  private final ByteBuffer sent = ByteBuffer.wrap(request).order(ByteOrder.LITTLE_ENDIAN);
  private final byte[] buffer = new byte[RECEIVED_BYTES];
  private final ByteBuffer received = ByteBuffer.wrap(buffer).order(ByteOrder.LITTLE_ENDIAN);
  private final ByteBuffer sentResponse =
      ByteBuffer.allocate(SENT_RESPONSE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final ByteBuffer receivedResponse =
      ByteBuffer.allocate(RECEIVED_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private SharedRing transmit;
  private SharedRing receive;

  /** A packet that waits for buffers of the guest's. */
  private Packet waiting;

  // The packet that is being gathered, piece by piece.
  private final byte[] frame = new byte[Packet.MOST_FRAME_BYTES];
  private final int[] references = new int[MOST_PIECES];
  private final int[] offsets = new int[MOST_PIECES];
  private final int[] lengths = new int[MOST_PIECES];
  private int pieces;
  private boolean blank;
  private boolean bad;

  private final AtomicLong framesReceived = new AtomicLong();
  private final AtomicLong bytesReceived = new AtomicLong();
  private final AtomicLong framesSent = new AtomicLong();
  private final AtomicLong bytesSent = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();

  /** What went through, as the guest sees the directions. */
  public record Counters(
      long framesReceived, long bytesReceived, long framesSent, long bytesSent, long dropped) {}

  /**
   * Makes a card and shows it to the guest.
   *
   * @param number of the card, from 0: eth0
   * @param mac as a number of 48 bits
   */
  public PvNetwork(
      Store store, Grants grants, AgentRunner runner, int number, long mac, int mtu, Wire wire) {
    super(store, grants, "vif", number);
    mostFrameBytes = ETHERNET_BYTES + TAG_BYTES + mtu;
    this.wire = wire;
    StringBuilder address = new StringBuilder();
    for (int shift = 40; shift >= 0; shift -= 8) {
      address.append("%s%02x".formatted(shift == 40 ? "" : ":", mac >>> shift & 0xFF));
    }
    store.give(front + "/mac", address.toString());
    store.give(front + "/handle", Integer.toString(number));
    store.give(front + "/mtu", Integer.toString(mtu));
    store.write(back + "/mac", address.toString());
    store.write(back + "/handle", Integer.toString(number));
    store.write(back + "/feature-rx-copy", "1");
    store.write(back + "/feature-sg", "1");
    store.write(back + "/feature-ipv6-csum-offload", "1");
    show(runner, "xen-net" + number);
    wire.accept(new Offloads(true, false, false));
    wire.onArrival(this::wake);
  }

  public Counters counters() {
    return new Counters(
        framesReceived.get(),
        bytesReceived.get(),
        framesSent.get(),
        bytesSent.get(),
        dropped.get());
  }

  @Override
  boolean connect() {
    transmit = ring("tx-ring-ref", SENT_BYTES).orElse(null);
    receive = ring("rx-ring-ref", RECEIVED_BYTES).orElse(null);
    return transmit != null && receive != null && openChannel();
  }

  @Override
  boolean isBroken() {
    return transmit.isBroken() || receive.isBroken();
  }

  @Override
  void release() {
    transmit = null;
    receive = null;
    pieces = 0;
    if (waiting != null) {
      waiting.release();
      waiting = null;
    }
  }

  @Override
  boolean work() {
    boolean more = transmit();
    more |= receive();
    boolean tell = transmit.publish();
    tell |= receive.publish();
    if (tell) {
      signal();
    }
    return more;
  }

  // --- from the guest

  private boolean transmit() {
    int count = Math.min(transmit.waiting(), PACKETS_A_STEP);
    for (int i = 0; i < count; i++) {
      transmit.take(request);
      gather(sent.getShort(6));
      sentResponse.putShort(0, sent.getShort(8)).putShort(2, (short) OKAY);
      transmit.put(sentResponse.array());
    }
    return transmit.sleep();
  }

  /** Takes one piece. Its data are copied with the last, before which the guest waits for none. */
  private void gather(int flags) {
    if (pieces == 0) {
      blank = (flags & CHECKSUM_BLANK) != 0;
      bad = false;
    }
    bad |= (flags & EXTRA_INFO) != 0 || pieces == MOST_PIECES;
    if (!bad) {
      references[pieces] = sent.getInt(0);
      offsets[pieces] = sent.getShort(4) & 0xFFFF;
      lengths[pieces] = sent.getShort(10) & 0xFFFF;
      pieces++;
    }
    if ((flags & MORE_DATA) == 0) {
      int total = bad ? -1 : copyPieces();
      pieces = 0;
      send(total);
    }
  }

  /** The first piece tells the length of all; -1 if the pieces do not make a packet. */
  private int copyPieces() {
    int total = lengths[0];
    for (int i = 1; i < pieces; i++) {
      lengths[0] -= lengths[i];
    }
    if (total < ETHERNET_BYTES || total > mostFrameBytes || lengths[0] < 0) {
      return -1;
    }
    int at = 0;
    for (int i = 0; i < pieces; i++) {
      if (!grants.read(references[i], offsets[i], frame, at, lengths[i])) {
        return -1;
      }
      at += lengths[i];
    }
    return total;
  }

  private void send(int length) {
    Packet packet = length < 0 ? null : Packet.of(frame, 0, length);
    if (packet == null || blank && !BlankChecksum.begin(packet)) {
      if (packet != null) {
        packet.release();
      }
      dropped.getAndIncrement();
      return;
    }
    framesSent.getAndIncrement();
    bytesSent.getAndAdd(length);
    wire.send(packet);
  }

  // --- to the guest

  private boolean receive() {
    for (int i = 0; i < PACKETS_A_STEP; i++) {
      if (waiting == null) {
        waiting = wire.receive();
      }
      if (waiting == null) {
        return false;
      }
      int buffers = (waiting.length() + PAGE_BYTES - 1) / PAGE_BYTES;
      if (receive.waiting() < buffers) {
        if (receive.isBroken() || !receive.sleep() || receive.waiting() < buffers) {
          return false;
        }
      }
      deliver(buffers);
      waiting.release();
      waiting = null;
    }
    return true;
  }

  private void deliver(int buffers) {
    boolean whole = true;
    for (int n = 0; n < buffers; n++) {
      int at = n * PAGE_BYTES;
      int length = Math.min(PAGE_BYTES, waiting.length() - at);
      receive.take(buffer);
      int id = received.getShort(0);
      boolean written =
          grants.write(received.getInt(4), 0, waiting.bytes(), Packet.FRAME + at, length);
      whole &= written;
      int flags = n + 1 < buffers ? RECEIVED_MORE : 0;
      if (n == 0) {
        flags |= waiting.needsChecksum() ? RECEIVED_BLANK | RECEIVED_VALIDATED : 0;
      }
      receivedResponse
          .putShort(0, (short) id)
          .putShort(2, (short) 0)
          .putShort(4, (short) flags)
          .putShort(6, (short) (written ? length : ERROR));
      receive.put(receivedResponse.array());
    }
    if (whole) {
      framesReceived.getAndIncrement();
      bytesReceived.getAndAdd(waiting.length());
    } else {
      dropped.getAndIncrement();
    }
  }
}
