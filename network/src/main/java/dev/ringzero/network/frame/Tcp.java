package dev.ringzero.network.frame;

/**
 * The header of a TCP segment.
 *
 * @spec RFC 9293, "Header Format"
 */
public final class Tcp {
  public static final int SOURCE_PORT = 0;
  public static final int DESTINATION_PORT = 2;
  public static final int SEQUENCE = 4;
  public static final int ACKNOWLEDGEMENT = 8;
  public static final int DATA_OFFSET = 12;
  public static final int FLAGS = 13;
  public static final int WINDOW = 14;
  public static final int CHECKSUM = 16;
  public static final int URGENT = 18;
  public static final int HEADER_BYTES = 20;

  public static final int FIN = 1 << 0;
  public static final int SYN = 1 << 1;
  public static final int RST = 1 << 2;
  public static final int PSH = 1 << 3;
  public static final int ACK = 1 << 4;

  public static final int OPTION_END = 0;
  public static final int OPTION_NONE = 1;
  public static final int OPTION_MSS = 2;
  public static final int OPTION_MSS_BYTES = 4;
  public static final int OPTION_WINDOW_SCALE = 3;
  public static final int OPTION_WINDOW_SCALE_BYTES = 3;

  private Tcp() {}

  /** The header's length with its options, as the header says. */
  public static int headerBytes(byte[] bytes, int segment) {
    return BigEndian.get8(bytes, segment + DATA_OFFSET) >>> 4 << 2;
  }

  /** The value of an option of a checked header whose length is as it should be, or -1. */
  public static int option(byte[] bytes, int segment, int wanted, int wantedBytes) {
    int end = segment + headerBytes(bytes, segment);
    int at = segment + HEADER_BYTES;
    while (at < end && bytes[at] != OPTION_END) {
      if (bytes[at] == OPTION_NONE) {
        at++;
        continue;
      }
      int length = at + 1 < end ? BigEndian.get8(bytes, at + 1) : 0;
      if (length < 2 || length > end - at) {
        return -1;
      }
      if (bytes[at] == wanted && length == wantedBytes) {
        return length == 3 ? BigEndian.get8(bytes, at + 2) : BigEndian.get16(bytes, at + 2);
      }
      at += length;
    }
    return -1;
  }
}
