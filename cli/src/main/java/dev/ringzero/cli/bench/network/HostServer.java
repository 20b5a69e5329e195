package dev.ringzero.cli.bench.network;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** The host's end of the protocol in {@code net.c}, on the loopback. */
final class HostServer implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 17;

  private final ServerSocket listener;

  HostServer() throws IOException {
    listener = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        Thread.ofPlatform().daemon().start(() -> serve(socket));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private static void serve(Socket connection) {
    try (connection) {
      connection.setTcpNoDelay(true);
      DataInputStream in = new DataInputStream(connection.getInputStream());
      DataOutputStream out = new DataOutputStream(connection.getOutputStream());
      int kind = in.read();
      long count = Long.reverseBytes(in.readLong());
      switch (kind) {
        case 'S' -> {
          sink(in, count);
          out.writeLong(Long.reverseBytes(count));
        }
        case 'G' -> {
          byte[] buffer = new byte[BUFFER_BYTES];
          for (long left = count; left > 0; left -= Math.min(left, buffer.length)) {
            out.write(buffer, 0, (int) Math.min(left, buffer.length));
          }
        }
        default -> {
          for (long i = 0; i < count; i++) {
            out.write(in.readByte());
          }
        }
      }
    } catch (IOException e) {
      // The guest ended; it has told.
    }
  }

  private static void sink(DataInputStream in, long count) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    for (long left = count; left > 0; ) {
      int part = in.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (part < 0) {
        throw new IOException("the guest sent too little");
      }
      left -= part;
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
