package dev.ringzero.devices.virtio.vsock;

import static dev.ringzero.devices.virtio.vsock.VsockHeader.*;

import dev.ringzero.devices.virtio.queue.TransferRing;

/**
 * One stream, as the host's programs see it: nothing blocks, and a listener hears when something
 * changed. Both directions are bounded; the guest's by the credit that it is given.
 */
public final class VsockStream {
  /** Room for what comes from the guest, of which it is told. */
  static final int RECEIVE_BYTES = 1 << 17;

  private static final int SEND_BYTES = 1 << 16;
  private static final int MOST_UNDER_WAY = 1 << 30;

  /** What the next packet to the guest is to say. */
  enum Packet {
    NONE,
    REQUEST,
    RESPONSE,
    DATA,
    CREDIT_UPDATE,
    SHUTDOWN,
    RESET
  }

  private enum State {
    ASKING,
    ASKED,
    OPEN,
    CLOSED
  }

  private final VsockStreams owner;
  private final int guestPort;
  private final int hostPort;
  private final TransferRing received = new TransferRing(RECEIVE_BYTES);
  private final TransferRing toSend = new TransferRing(SEND_BYTES);
  private Runnable listener = () -> {};

  private State state;
  private boolean owesRequest;
  private boolean owesResponse;
  private boolean owesCredit;
  private boolean owesReset;
  private boolean guestSendsNoMore;
  private boolean guestReceivesNoMore;
  private boolean hostSendsNoMore;
  private boolean hostReceivesNoMore;
  private int shutdownTold;
  private int takenBytes;
  private int takenTold;
  private int sentBytes;
  private int guestRoomBytes;
  private int guestTakenBytes;

  /** Guarded by the owner, as all of the stream is. */
  boolean queued;

  VsockStream(VsockStreams owner, int guestPort, int hostPort, boolean fromHost) {
    this.owner = owner;
    this.guestPort = guestPort;
    this.hostPort = hostPort;
    state = fromHost ? State.ASKING : State.ASKED;
    owesRequest = fromHost;
  }

  public int guestPort() {
    return guestPort;
  }

  public int hostPort() {
    return hostPort;
  }

  // The host's side, by any thread

  /** Sets who hears of changes, and lets it hear at once. It must not block. */
  public void onChange(Runnable changed) {
    synchronized (owner) {
      listener = changed;
    }
    changed.run();
  }

  /** Lets a program of the guest that asked in. */
  public void accept() {
    synchronized (owner) {
      if (state == State.ASKED) {
        state = State.OPEN;
        owesResponse = true;
        owner.ready(this);
      }
    }
  }

  /** Whether the guest answered, or the stream ended. */
  public boolean isAnswered() {
    synchronized (owner) {
      return state == State.OPEN || state == State.CLOSED;
    }
  }

  /** Whether nothing goes to the guest any more. */
  public boolean isClosed() {
    synchronized (owner) {
      return state == State.CLOSED;
    }
  }

  /**
   * Takes bytes that came from the guest.
   *
   * @return how many; -1 if no more will come
   */
  public int read(byte[] destination, int offset, int lengthBytes) {
    synchronized (owner) {
      int count = received.take(destination, offset, lengthBytes);
      takenBytes += count;
      if (state == State.OPEN && takenBytes - takenTold >= RECEIVE_BYTES / 2) {
        owesCredit = true;
        owner.ready(this);
      }
      return count == 0 && (guestSendsNoMore || state == State.CLOSED) ? -1 : count;
    }
  }

  /**
   * Gives bytes to the guest.
   *
   * @return how many were taken; -1 if no more will be
   */
  public int write(byte[] source, int offset, int lengthBytes) {
    synchronized (owner) {
      if (state == State.CLOSED || guestReceivesNoMore || hostSendsNoMore) {
        return -1;
      }
      int count = toSend.put(source, offset, lengthBytes);
      owner.ready(this);
      return count;
    }
  }

  /** Says that the host sends no more; the guest hears of it behind what was given before. */
  public void endSending() {
    synchronized (owner) {
      hostSendsNoMore = true;
      owner.ready(this);
    }
  }

  /** Says that the host wants no more of what the guest sends. */
  public void endReceiving() {
    synchronized (owner) {
      hostReceivesNoMore = true;
      received.clear();
      owner.ready(this);
    }
  }

  /** Ends the stream at once, or refuses it. */
  public void reset() {
    synchronized (owner) {
      if (state != State.CLOSED) {
        close();
        owesReset = true;
        owner.ready(this);
      }
    }
  }

  // The guest's side, with the owner's lock held

  Runnable listener() {
    return listener;
  }

  /** The guest says how much room it has and how much it took; false if that cannot be. */
  boolean credit(VsockHeader packet) {
    guestRoomBytes = packet.roomBytes();
    guestTakenBytes = packet.takenBytes();
    return sentBytes - guestTakenBytes >= 0;
  }

  private int guestCredit() {
    int room =
        Integer.compareUnsigned(guestRoomBytes, MOST_UNDER_WAY) < 0
            ? guestRoomBytes
            : MOST_UNDER_WAY;
    return Math.max(0, room - (sentBytes - guestTakenBytes));
  }

  /** The guest accepted; false if nobody had asked it. */
  boolean accepted() {
    boolean asked = state == State.ASKING && !owesRequest;
    if (asked) {
      state = State.OPEN;
    }
    return asked;
  }

  /** Whether the guest may send so many bytes now. */
  boolean mayReceive(long lengthBytes) {
    return state == State.OPEN && !guestSendsNoMore && lengthBytes <= received.roomBytes();
  }

  TransferRing received() {
    return received;
  }

  boolean isUnwanted() {
    return hostReceivesNoMore;
  }

  /** Bytes that the host does not want count as taken. */
  void dropped(int lengthBytes) {
    takenBytes += lengthBytes;
    owesCredit = true;
  }

  void owesCredit() {
    owesCredit = true;
  }

  /** The guest ends directions; true if both are ended now. */
  boolean guestEnds(int flags) {
    guestReceivesNoMore |= (flags & VIRTIO_VSOCK_SHUTDOWN_F_RECEIVE) != 0;
    guestSendsNoMore |= (flags & VIRTIO_VSOCK_SHUTDOWN_F_SEND) != 0;
    if (guestReceivesNoMore) {
      toSend.clear();
    }
    return guestReceivesNoMore && guestSendsNoMore;
  }

  void close() {
    state = State.CLOSED;
    toSend.clear();
    owesRequest = false;
    owesResponse = false;
    owesCredit = false;
    owesReset = false;
  }

  boolean isOver() {
    return state == State.CLOSED && !owesReset;
  }

  Packet next() {
    if (owesReset) {
      return Packet.RESET;
    }
    if (owesRequest || owesResponse) {
      return owesRequest ? Packet.REQUEST : Packet.RESPONSE;
    }
    if (state != State.OPEN) {
      return Packet.NONE;
    }
    if (toSend.lengthBytes() > 0 && guestCredit() > 0) {
      return Packet.DATA;
    }
    if (owesCredit) {
      return Packet.CREDIT_UPDATE;
    }
    return (shutdownFlags() & ~shutdownTold) != 0 ? Packet.SHUTDOWN : Packet.NONE;
  }

  /** Which directions have ended for the host: sending only when all was sent. */
  int shutdownFlags() {
    return (hostReceivesNoMore ? VIRTIO_VSOCK_SHUTDOWN_F_RECEIVE : 0)
        | (hostSendsNoMore && toSend.lengthBytes() == 0 ? VIRTIO_VSOCK_SHUTDOWN_F_SEND : 0);
  }

  /** How much of a packet of data fits into a buffer of the guest's. */
  int sendable(long roomBytes) {
    return (int) Math.min(roomBytes, Math.min(toSend.lengthBytes(), guestCredit()));
  }

  TransferRing toSend() {
    return toSend;
  }

  /** Notes that a packet was sent, with our credit in it. */
  void sent(Packet packet, int dataBytes, VsockHeader header) {
    header.credit(RECEIVE_BYTES, takenBytes);
    takenTold = takenBytes;
    owesCredit = false;
    sentBytes += dataBytes;
    switch (packet) {
      case REQUEST -> owesRequest = false;
      case RESPONSE -> owesResponse = false;
      case RESET -> owesReset = false;
      case SHUTDOWN -> shutdownTold = shutdownFlags();
      case NONE, DATA, CREDIT_UPDATE -> {}
    }
  }
}
