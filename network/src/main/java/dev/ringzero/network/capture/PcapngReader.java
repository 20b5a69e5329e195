package dev.ringzero.network.capture;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/** Reads what {@link PcapngWriter} writes, and tells of each frame in a line. */
public final class PcapngReader {
  private static final int ENHANCED_PACKET_BLOCK = 6;
  private static final int HEADER_BYTES = 8;
  private static final int MOST_BLOCK_BYTES = 1 << 17;
  private static final int PACKET_BYTES = 20;
  private static final int TRAILER_BYTES = 4;
  private static final long NANOS_A_SECOND = 1_000_000_000L;
  private static final int OUTBOUND = 2;
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSSSSS");

  private final DataInputStream in;

  public PcapngReader(InputStream in) {
    this.in = new DataInputStream(in);
  }

  /** A line about the next frame; null at the end. */
  public String nextLine() throws IOException {
    while (true) {
      ByteBuffer block = next();
      if (block == null) {
        return null;
      }
      if (block.getInt(0) == ENHANCED_PACKET_BLOCK) {
        return line(block);
      }
    }
  }

  private ByteBuffer next() throws IOException {
    byte[] header = new byte[HEADER_BYTES];
    try {
      in.readFully(header);
      int length = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).getInt(4);
      if (length < HEADER_BYTES + TRAILER_BYTES || length > MOST_BLOCK_BYTES) {
        throw new IOException("a block of " + length + " bytes in a capture");
      }
      ByteBuffer block = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN).put(header);
      in.readFully(block.array(), HEADER_BYTES, length - HEADER_BYTES);
      return block;
    } catch (EOFException e) {
      return null;
    }
  }

  private static String line(ByteBuffer block) {
    long nanos = (long) block.getInt(12) << 32 | block.getInt(16) & 0xFFFF_FFFFL;
    Instant when = Instant.ofEpochSecond(nanos / NANOS_A_SECOND, nanos % NANOS_A_SECOND);
    int length = block.getInt(HEADER_BYTES + 12);
    int frame = HEADER_BYTES + PACKET_BYTES;
    int options = frame + (length + 3 & ~3);
    boolean out = block.getInt(options + 4) == OUTBOUND;
    return LocalTime.ofInstant(when, ZoneId.systemDefault()).format(TIME)
        + (out ? " > " : " < ")
        + FrameSummary.of(block.array(), frame, length);
  }
}
