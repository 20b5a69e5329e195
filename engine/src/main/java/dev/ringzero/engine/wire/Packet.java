package dev.ringzero.engine.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * An Ethernet frame, and before it the header that virtio gives it: what of the checksum and of the
 * segmentation its receiver has yet to do. Packets are passed on by reference. Whoever was given
 * one releases it; while it is shared nobody changes it.
 *
 * <pre>
 *  0: flags (1)      1: segmentation (1)     2: header length (2)   4: segment size (2)
 *  6: checksum start (2)   8: checksum offset (2)   10: buffers (2)   12: frame
 * </pre>
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "Device Operation" of the network device
 */
public final class Packet {
  public static final int FLAGS = 0;
  public static final int SEGMENTATION = 1;
  public static final int HEADER_LENGTH = 2;
  public static final int SEGMENT_BYTES = 4;
  public static final int CHECKSUM_START = 6;
  public static final int CHECKSUM_OFFSET = 8;
  public static final int BUFFERS = 10;

  /** Where the frame begins. */
  public static final int FRAME = 12;

  public static final int NEEDS_CHECKSUM = 1 << 0;
  public static final int CHECKSUM_VALID = 1 << 1;

  public static final int SEGMENTATION_NONE = 0;
  public static final int SEGMENTATION_TCP4 = 1;
  public static final int SEGMENTATION_TCP6 = 4;
  public static final int SEGMENTATION_ECN = 0x80;

  /** The longest frame: an IP packet of 64 KiB behind Ethernet's header and a VLAN tag. */
  public static final int MOST_FRAME_BYTES = 14 + 4 + 65_535;

  private static final VarHandle REFERENCES;

  static {
    try {
      REFERENCES = MethodHandles.lookup().findVarHandle(Packet.class, "references", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final byte[] bytes;
  private int length;

  @SuppressWarnings("unused") // by REFERENCES
  private volatile int references;

  Packet(int capacityBytes) {
    bytes = new byte[FRAME + capacityBytes];
  }

  /** An empty packet with an empty header, for a frame of that length. */
  public static Packet take(int frameBytes) {
    Packet packet = PacketPool.take(frameBytes);
    packet.length = frameBytes;
    packet.references = 1;
    Arrays.fill(packet.bytes, 0, FRAME, (byte) 0);
    return packet;
  }

  /** A packet with a copy of a frame. */
  public static Packet of(byte[] frame, int offset, int lengthBytes) {
    Packet packet = take(lengthBytes);
    System.arraycopy(frame, offset, packet.bytes, FRAME, lengthBytes);
    return packet;
  }

  /** A packet that only its holder has. */
  public Packet copy() {
    Packet copy = PacketPool.take(length);
    copy.length = length;
    copy.references = 1;
    System.arraycopy(bytes, 0, copy.bytes, 0, FRAME + length);
    return copy;
  }

  /** Lets one more hold it. */
  public Packet retain() {
    REFERENCES.getAndAdd(this, 1);
    return this;
  }

  /** Gives the caller's reference up; the caller must not touch the packet again. */
  public void release() {
    int before = (int) REFERENCES.getAndAdd(this, -1);
    if (before == 1) {
      PacketPool.give(this);
    } else if (before < 1) {
      throw new IllegalStateException("a packet that was released already");
    }
  }

  /** Whether nobody else holds it, so that the caller may change it. */
  public boolean isMine() {
    return references == 1;
  }

  /** Header and frame; what lies behind the frame means nothing. */
  public byte[] bytes() {
    return bytes;
  }

  /** Length of the frame. */
  public int length() {
    return length;
  }

  /** Makes the frame shorter, or as long as there is room for. */
  public void length(int frameBytes) {
    if (frameBytes < 0 || FRAME + frameBytes > bytes.length) {
      throw new IndexOutOfBoundsException("a frame of " + frameBytes + " bytes");
    }
    length = frameBytes;
  }

  int capacity() {
    return bytes.length - FRAME;
  }

  public boolean needsChecksum() {
    return (bytes[FLAGS] & NEEDS_CHECKSUM) != 0;
  }

  /** The kind of segmentation that is to be done, without {@link #SEGMENTATION_ECN}. */
  public int segmentation() {
    return bytes[SEGMENTATION] & 0xFF & ~SEGMENTATION_ECN;
  }

  public int segmentBytes() {
    return header16(SEGMENT_BYTES);
  }

  /** Where in the frame what is to be summed begins. */
  public int checksumStart() {
    return header16(CHECKSUM_START);
  }

  /** Where the checksum lies, from {@link #checksumStart}. */
  public int checksumOffset() {
    return header16(CHECKSUM_OFFSET);
  }

  public int header16(int at) {
    return bytes[at] & 0xFF | (bytes[at + 1] & 0xFF) << 8;
  }

  public void header16(int at, int value) {
    bytes[at] = (byte) value;
    bytes[at + 1] = (byte) (value >>> 8);
  }

  /** Says that the sum of the pseudo header is in place, and the rest is to be added. */
  public void beginChecksum(int start, int offset) {
    bytes[FLAGS] = NEEDS_CHECKSUM;
    header16(CHECKSUM_START, start);
    header16(CHECKSUM_OFFSET, offset);
  }

  /** Says that the TCP segment is to be cut. */
  public void beginSegmentation(int kind, int headerBytes, int segmentBytes) {
    bytes[SEGMENTATION] = (byte) kind;
    header16(HEADER_LENGTH, headerBytes);
    header16(SEGMENT_BYTES, segmentBytes);
  }
}
