package dev.ringzero.network.capture;

import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.offload.Checksums;
import dev.ringzero.network.offload.PacketHeader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Writes Ethernet frames in the pcapng format, with nanoseconds.
 *
 * @spec PCAP Next Generation (pcapng) Capture File Format, "General File Structure"
 */
public final class PcapngWriter implements AutoCloseable {
  /** Which way a frame went, seen from the network card. */
  public enum Direction {
    INBOUND(1),
    OUTBOUND(2);

    private final int flags;

    Direction(int flags) {
      this.flags = flags;
    }
  }

  private static final int SECTION_HEADER_BLOCK = 0x0A0D_0D0A;
  private static final int BYTE_ORDER_MAGIC = 0x1A2B_3C4D;
  private static final int INTERFACE_DESCRIPTION_BLOCK = 1;
  private static final int ENHANCED_PACKET_BLOCK = 6;
  private static final int LINKTYPE_ETHERNET = 1;
  private static final int IF_NAME = 2;
  private static final int IF_TSRESOL = 9;
  private static final int NANOSECONDS = 9;
  private static final int EPB_FLAGS = 2;
  private static final int BLOCK_BYTES = 1 << 17;

  private final OutputStream out;
  private final ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  /** Begins a file with one interface. */
  public PcapngWriter(OutputStream out, String interfaceName) throws IOException {
    this.out = out;
    begin(SECTION_HEADER_BLOCK);
    block.putInt(BYTE_ORDER_MAGIC).putShort((short) 1).putShort((short) 0).putLong(-1);
    end();
    begin(INTERFACE_DESCRIPTION_BLOCK);
    block.putShort((short) LINKTYPE_ETHERNET).putShort((short) 0).putInt(0);
    byte[] name = interfaceName.getBytes(StandardCharsets.UTF_8);
    option(IF_NAME, name.length).put(name);
    pad();
    option(IF_TSRESOL, 1).put((byte) NANOSECONDS);
    pad();
    option(0, 0);
    end();
  }

  /**
   * Writes a packet's frame with its time since 1970. A checksum that is only begun is finished in
   * the file, which shows what the wire would.
   */
  public synchronized void write(Direction direction, long nanos, Packet packet)
      throws IOException {
    int length = packet.length();
    begin(ENHANCED_PACKET_BLOCK);
    block.putInt(0).putInt((int) (nanos >>> 32)).putInt((int) nanos);
    block.putInt(length).putInt(length);
    int at = block.position();
    block.put(packet.bytes(), Packet.FRAME, length);
    boolean whole = packet.segmentation() == Packet.SEGMENTATION_NONE;
    if (packet.needsChecksum() && whole && PacketHeader.isSound(packet)) {
      Checksums.finish(block.array(), at, packet);
    }
    pad();
    option(EPB_FLAGS, 4).putInt(direction.flags);
    option(0, 0);
    end();
  }

  public void flush() throws IOException {
    out.flush();
  }

  private ByteBuffer option(int code, int lengthBytes) {
    return block.putShort((short) code).putShort((short) lengthBytes);
  }

  private void begin(int type) {
    block.clear().putInt(type).putInt(0);
  }

  private void pad() {
    while (block.position() % 4 != 0) {
      block.put((byte) 0);
    }
  }

  private void end() throws IOException {
    int length = block.position() + 4;
    block.putInt(length).putInt(4, length);
    out.write(block.array(), 0, length);
  }

  @Override
  public synchronized void close() throws IOException {
    out.close();
  }
}
