package dev.ringzero.network.remote;

import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.PacketQueue;
import dev.ringzero.network.frame.Ethernet;
import dev.ringzero.network.offload.PacketHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;

/**
 * Packets over a stream socket that does not block: each is its length in 32 bits, its header and
 * its frame. One thread at a time reads, and one writes.
 */
public final class PacketStream {
  private static final int LENGTH_BYTES = 4;
  private static final int MOST_BYTES = LENGTH_BYTES + Packet.FRAME + Packet.MOST_FRAME_BYTES;
  private static final int BUFFER_BYTES = 1 << 18;
  private static final int READS_A_TURN = 4;

  private final SocketChannel channel;
  private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER_BYTES).flip();

  public PacketStream(SocketChannel channel) {
    this.channel = channel;
  }

  public SocketChannel channel() {
    return channel;
  }

  /**
   * Reads what is there; the packets are the sink's.
   *
   * @return false at the end of the stream
   * @throws IOException also if what comes is no packet
   */
  public boolean read(Consumer<Packet> sink) throws IOException {
    for (int i = 0; i < READS_A_TURN; i++) {
      int count = channel.read(in);
      if (count <= 0) {
        return count == 0;
      }
      in.flip();
      for (Packet packet = next(); packet != null; packet = next()) {
        sink.accept(packet);
      }
      in.compact();
    }
    return true;
  }

  private Packet next() throws IOException {
    if (in.remaining() < LENGTH_BYTES) {
      return null;
    }
    int length = in.getInt(in.position());
    if (length < Packet.FRAME + Ethernet.HEADER_BYTES || length > MOST_BYTES - LENGTH_BYTES) {
      throw new IOException("a packet of " + length + " bytes");
    }
    if (in.remaining() < LENGTH_BYTES + length) {
      return null;
    }
    in.getInt();
    Packet packet = Packet.take(length - Packet.FRAME);
    in.get(packet.bytes(), 0, length);
    if (!PacketHeader.isSound(packet)) {
      throw new IOException("a packet with a wrong header");
    }
    return packet;
  }

  /**
   * Writes packets of a queue until it is empty or the socket takes no more.
   *
   * @return whether all has gone
   */
  public boolean write(PacketQueue queue) throws IOException {
    while (true) {
      if (!out.hasRemaining() && !fill(queue)) {
        return true;
      }
      channel.write(out);
      if (out.hasRemaining()) {
        return false;
      }
    }
  }

  private boolean fill(PacketQueue queue) {
    out.clear();
    while (out.remaining() >= MOST_BYTES) {
      Packet packet = queue.poll();
      if (packet == null) {
        break;
      }
      int length = Packet.FRAME + packet.length();
      out.putInt(length).put(packet.bytes(), 0, length);
      packet.release();
    }
    out.flip();
    return out.hasRemaining();
  }
}
