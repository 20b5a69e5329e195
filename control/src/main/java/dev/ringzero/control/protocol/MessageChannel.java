package dev.ringzero.control.protocol;

import dev.ringzero.control.protocol.Json.MalformedJsonException;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/** One connection to a control socket: lines of JSON, or a stream of bytes behind them. */
public final class MessageChannel implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int LONGEST_LINE_BYTES = 1 << 20;

  private final SocketChannel channel;

  /** Held while a line or bytes are awaited: who waits for the end may not be the only reader. */
  private final ReentrantLock reading = new ReentrantLock();

  private final ByteBuffer received = ByteBuffer.allocate(BUFFER_BYTES).flip();

  public MessageChannel(SocketChannel channel) {
    this.channel = channel;
  }

  /**
   * Sends a request and waits for its answer.
   *
   * @throws IOException also if the answer is an error, with its text
   */
  public Map<String, Object> ask(Map<String, Object> request) throws IOException {
    write(request);
    String line = readLine();
    if (line == null) {
      throw new EOFException("the machine has ended");
    }
    try {
      Map<String, Object> answer = Json.read(line);
      if (answer.get("error") != null) {
        throw new IOException(answer.get("error").toString());
      }
      return answer;
    } catch (MalformedJsonException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Sends one object. */
  public void write(Map<String, Object> object) throws IOException {
    writeLine(Json.write(object));
  }

  /** Sends one line. */
  public void writeLine(String line) throws IOException {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    write(bytes, bytes.length);
  }

  /** Sends bytes. */
  public synchronized void write(byte[] bytes, int lengthBytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, lengthBytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /** What is sent, as a stream. */
  public OutputStream stream() {
    return new OutputStream() {
      @Override
      public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int lengthBytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, lengthBytes);
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
      }
    };
  }

  /** What is received, as a stream. */
  public InputStream input() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return MessageChannel.this.read(one) < 0 ? -1 : one[0] & 0xFF;
      }

      @Override
      public int read(byte[] bytes, int offset, int lengthBytes) throws IOException {
        return MessageChannel.this.read(bytes, offset, lengthBytes);
      }
    };
  }

  /** Does something once the other end, which has nothing more to say, is gone. */
  public void whenEnded(Runnable action) {
    Thread.ofVirtual()
        .start(() -> {
          byte[] ignored = new byte[1];
          try {
            while (read(ignored) >= 0) {
              // It has nothing to say.
            }
          } catch (IOException e) {
            // It went away.
          }
          action.run();
        });
  }

  /** Waits for a line; null at the end. */
  public String readLine() throws IOException {
    reading.lock();
    try {
      return takeLine();
    } finally {
      reading.unlock();
    }
  }

  private String takeLine() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (received.hasRemaining() || fill()) {
      byte value = received.get();
      if (value == '\n') {
        return line.toString(StandardCharsets.UTF_8);
      }
      line.write(value);
      if (line.size() > LONGEST_LINE_BYTES) {
        throw new IOException("a line without end");
      }
    }
    return null;
  }

  /** Waits for bytes; -1 at the end. */
  public int read(byte[] destination) throws IOException {
    return read(destination, 0, destination.length);
  }

  private int read(byte[] destination, int offset, int lengthBytes) throws IOException {
    reading.lock();
    try {
      if (!received.hasRemaining() && !fill()) {
        return -1;
      }
      int count = Math.min(lengthBytes, received.remaining());
      received.get(destination, offset, count);
      return count;
    } finally {
      reading.unlock();
    }
  }

  private boolean fill() throws IOException {
    received.clear();
    int count = channel.read(received);
    received.flip();
    return count > 0;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
