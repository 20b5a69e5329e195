package dev.ringzero.vmm.gdb;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * The packet layer of the GDB remote protocol: {@code $data#checksum} with acknowledgements.
 *
 * @spec GDB manual, "Remote Protocol: Overview"
 */
final class Packets {
  /** Stands for the interrupt byte, which gdb sends outside of any packet. */
  static final String INTERRUPT = "\u0003";

  /** Longest packet that is taken; also told to gdb. */
  static final int MAX_BYTES = 0x4000;

  private final InputStream in;
  private final OutputStream out;
  private boolean acknowledged = true;

  Packets(InputStream in, OutputStream out) {
    this.in = new BufferedInputStream(in);
    this.out = out;
  }

  /** Both sides agreed to leave acknowledgements out. */
  void withoutAcknowledgements() {
    acknowledged = false;
  }

  /** The next packet, {@link #INTERRUPT}, or null at the end of the connection. */
  String read() throws IOException {
    for (; ; ) {
      int first = in.read();
      switch (first) {
        case -1 -> {
          return null;
        }
        case 3 -> {
          return INTERRUPT;
        }
        case '$' -> {
          String packet = readBody();
          if (packet != null) {
            return packet;
          }
        }
        default -> {}
      }
    }
  }

  /** Whether the interrupt byte, or anything else, waits to be read. */
  boolean waiting() throws IOException {
    return in.available() > 0;
  }

  private String readBody() throws IOException {
    StringBuilder body = new StringBuilder();
    int sum = 0;
    for (int c = in.read(); c != '#'; c = in.read()) {
      if (c < 0 || body.length() == MAX_BYTES) {
        throw new IOException("a packet without an end");
      }
      sum += c;
      if (c == '}') {
        int escaped = in.read();
        sum += escaped;
        c = escaped ^ 0x20;
      }
      body.append((char) c);
    }
    int given = Character.digit(in.read(), 16) << 4 | Character.digit(in.read(), 16);
    boolean good = given == (sum & 0xFF);
    if (acknowledged) {
      out.write(good ? '+' : '-');
      out.flush();
    }
    return good ? body.toString() : null;
  }

  void write(String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.ISO_8859_1);
    int sum = 0;
    for (byte b : bytes) {
      sum += b;
    }
    out.write('$');
    out.write(bytes);
    out.write('#');
    out.write(Character.forDigit(sum >>> 4 & 15, 16));
    out.write(Character.forDigit(sum & 15, 16));
    out.flush();
  }
}
