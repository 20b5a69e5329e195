package dev.ringzero.network.nat;

import static dev.ringzero.network.frame.Tcp.*;

import dev.ringzero.network.frame.BigEndian;

/** Makes the segments of one connection that go to the guest. */
final class TcpSegments {
  /** The shift of the windows that we advertise, where the guest knows of shifts. */
  static final int OUR_SHIFT = 4;

  static final int MOST_SEGMENT_BYTES = GuestSide.MOST_PAYLOAD_BYTES - HEADER_BYTES;
  private static final int DATA = GuestSide.PAYLOAD + HEADER_BYTES;
  private static final int SYN_OPTIONS_BYTES = 8;

  private final FlowKey key;
  private final GuestSide guests;

  TcpSegments(FlowKey key, GuestSide guests) {
    this.key = key;
    this.guests = guests;
  }

  /** The longest data that one packet to the guest may carry. */
  int mostDataBytes(int segmentBytes) {
    return guests.mostDataBytes(segmentBytes);
  }

  boolean hasRoom(int dataBytes) {
    return guests.hasRoom(dataBytes);
  }

  /** Sends a segment whose data comes from a ring. */
  void data(
      int flags,
      int sequence,
      int acknowledgement,
      int window,
      ByteRing ring,
      int from,
      int lengthBytes,
      int segmentBytes) {
    ring.copy(from, guests.frame, DATA, lengthBytes);
    header(flags, sequence, acknowledgement, window, HEADER_BYTES);
    int segment = HEADER_BYTES + lengthBytes;
    guests.sendSegment(key.remoteIp(), key.guestIp(), segment, HEADER_BYTES, segmentBytes);
  }

  /** Sends a segment without data. */
  void bare(int flags, int sequence, int acknowledgement, int window) {
    header(flags, sequence, acknowledgement, window, HEADER_BYTES);
    guests.sendSegment(key.remoteIp(), key.guestIp(), HEADER_BYTES, HEADER_BYTES, 0);
  }

  /** Sends a SYN with its options. */
  void syn(int flags, int sequence, int acknowledgement, int window, boolean scaled) {
    byte[] frame = guests.frame;
    frame[DATA] = OPTION_MSS;
    frame[DATA + 1] = OPTION_MSS_BYTES;
    BigEndian.put16(frame, DATA + 2, MOST_SEGMENT_BYTES);
    frame[DATA + 4] = OPTION_NONE;
    frame[DATA + 5] = OPTION_WINDOW_SCALE;
    frame[DATA + 6] = OPTION_WINDOW_SCALE_BYTES;
    frame[DATA + 7] = OUR_SHIFT;
    int header = HEADER_BYTES + (scaled ? SYN_OPTIONS_BYTES : OPTION_MSS_BYTES);
    header(flags, sequence, acknowledgement, window, header);
    guests.sendSegment(key.remoteIp(), key.guestIp(), header, header, 0);
  }

  private void header(int flags, int sequence, int acknowledgement, int window, int headerBytes) {
    byte[] frame = guests.frame;
    int segment = GuestSide.PAYLOAD;
    BigEndian.put16(frame, segment + SOURCE_PORT, key.remotePort());
    BigEndian.put16(frame, segment + DESTINATION_PORT, key.guestPort());
    BigEndian.put32(frame, segment + SEQUENCE, sequence);
    BigEndian.put32(frame, segment + ACKNOWLEDGEMENT, (flags & ACK) != 0 ? acknowledgement : 0);
    BigEndian.put16(frame, segment + DATA_OFFSET, headerBytes << 10 | flags);
    BigEndian.put16(frame, segment + WINDOW, window);
    BigEndian.put16(frame, segment + URGENT, 0);
  }
}
