package dev.ringzero.devices.virtio.fs;

import dev.ringzero.devices.virtio.queue.DescriptorChain;
import dev.ringzero.devices.virtio.queue.PinnedBuffers;
import dev.ringzero.memory.DmaMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * One request of a driver and the answer to it; used again for the next. Arguments and short
 * answers are copied; what is read from or written to files stays where the driver has it.
 *
 * <pre>
 * request  0: length (4)  4: opcode (4)  8: unique (8)  16: node (8)
 *          24: uid (4)    28: gid (4)    32: pid (4)    36: extensions (4)  40: arguments
 * answer   0: length (4)  4: error (4)   8: unique (8)  16: what was asked for
 * </pre>
 *
 * @spec Linux include/uapi/linux/fuse.h, "struct fuse_in_header" and "struct fuse_out_header"
 */
public final class FuseRequest {
  /** The most that arguments, and an answer that is copied, may have. */
  public static final int MOST_COPIED_BYTES = 1 << 17;

  static final int HEADER_BYTES = 40;
  static final int ANSWER_HEADER_BYTES = 16;
  private static final int WRITE_ARGUMENT_BYTES = 40;
  private static final int EINVAL = 22;

  private final DescriptorChain chain;
  private final ByteBuffer header =
      ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final ByteBuffer arguments =
      ByteBuffer.allocate(MOST_COPIED_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final ByteBuffer answer =
      ByteBuffer.allocate(MOST_COPIED_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final ByteBuffer answerHeader =
      ByteBuffer.allocate(ANSWER_HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private FuseOpcode opcode;
  private long directBytes;

  public FuseRequest(DmaMemory memory) {
    chain = new DescriptorChain(memory);
  }

  DescriptorChain chain() {
    return chain;
  }

  /** Reads header and arguments; false if there is no header, or it is wrong. */
  boolean begin() {
    directBytes = 0;
    answer.clear();
    opcode = null;
    arguments.clear().limit(0);
    if (chain.read(0, header.array(), 0, HEADER_BYTES) < HEADER_BYTES) {
      return false;
    }
    opcode = FuseOpcode.of(header.getInt(4));
    long length = header.getInt(0) & 0xFFFF_FFFFL;
    if (length < HEADER_BYTES || length > chain.readableBytes()) {
      return false;
    }
    int most = opcode == FuseOpcode.WRITE ? WRITE_ARGUMENT_BYTES : MOST_COPIED_BYTES;
    int count = (int) Math.min(most, length - HEADER_BYTES);
    arguments.limit(chain.read(HEADER_BYTES, arguments.array(), 0, count));
    return opcode == FuseOpcode.WRITE || length - HEADER_BYTES <= MOST_COPIED_BYTES;
  }

  /** What is asked for; null if we do not know it. */
  public FuseOpcode opcode() {
    return opcode;
  }

  public long node() {
    return header.getLong(16);
  }

  /** Who asks. */
  public int uid() {
    return header.getInt(24);
  }

  public int gid() {
    return header.getInt(28);
  }

  /** The arguments, from the first that was not read yet. */
  public ByteBuffer arguments() {
    return arguments;
  }

  /** Reads a text that ends with a zero byte, without it; null if it has no end. */
  public byte[] text() {
    byte[] bytes = arguments.array();
    int start = arguments.position();
    for (int at = start; at < arguments.limit(); at++) {
      if (bytes[at] == 0) {
        arguments.position(at + 1);
        return Arrays.copyOfRange(bytes, start, at);
      }
    }
    return null;
  }

  /** Where the answer goes, behind its header. */
  public ByteBuffer answer() {
    return answer;
  }

  /** How long an answer the driver has room for. */
  public int answerRoom() {
    long room = chain.writableBytes() - ANSWER_HEADER_BYTES;
    return (int) Math.clamp(room, 0, MOST_COPIED_BYTES);
  }

  /** How much data follows the arguments of a write. */
  public long dataBytes() {
    return chain.readableBytes() - HEADER_BYTES - WRITE_ARGUMENT_BYTES;
  }

  /** Pins the data of a write. */
  public PinnedBuffers pinData(long lengthBytes) {
    return chain.pinReadable(HEADER_BYTES + WRITE_ARGUMENT_BYTES, lengthBytes);
  }

  /** How much data the driver has room for. */
  public long dataRoom() {
    return Math.max(0, chain.writableBytes() - ANSWER_HEADER_BYTES);
  }

  /** Pins the room for data that is read. */
  public PinnedBuffers pinDataRoom(long lengthBytes) {
    return chain.pinWritable(ANSWER_HEADER_BYTES, lengthBytes);
  }

  /** Says how much data was put into the room for it. */
  public void dataRead(long lengthBytes) {
    directBytes = lengthBytes;
  }

  /**
   * Gives the answer to the driver.
   *
   * @return how many bytes were written
   */
  long finish(int status) {
    int error = status;
    if (chain.writableBytes() < ANSWER_HEADER_BYTES || opcode != null && opcode.isSilent()) {
      return 0;
    }
    if (error == 0 && answer.position() > chain.writableBytes() - ANSWER_HEADER_BYTES) {
      error = -EINVAL;
    }
    int copied = error == 0 ? answer.position() : 0;
    long length = ANSWER_HEADER_BYTES + copied + (error == 0 ? directBytes : 0);
    answerHeader.putInt(0, (int) length).putInt(4, error).putLong(8, header.getLong(8));
    chain.write(0, answerHeader.array(), 0, ANSWER_HEADER_BYTES);
    chain.write(ANSWER_HEADER_BYTES, answer.array(), 0, copied);
    return length;
  }
}
