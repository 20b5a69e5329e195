package dev.ringzero.control.server;

import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.protocol.Json.MalformedJsonException;
import dev.ringzero.control.protocol.MessageChannel;
import dev.ringzero.control.run.GuestCopy;
import dev.ringzero.control.run.GuestRun;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;

/**
 * Requests to copy into a guest and out of it. Archives go in lines {@code {"data": BASE64}},
 * behind the last of which one says {@code {"end": true}}.
 */
final class CopyRequests {
  private static final int PIECE_BYTES = 48 << 10;

  private final GuestRun run;

  CopyRequests(GuestRun run) {
    this.run = run;
  }

  void in(Map<String, Object> request, MessageChannel channel)
      throws IOException, InterruptedException {
    if (isReady(channel)) {
      channel.write(Map.of("ok", true));
      try {
        new GuestCopy(run).in(String.valueOf(request.get("folder")), new Pieces(channel));
        channel.write(Map.of("ok", true));
      } catch (IOException e) {
        channel.write(Map.of("error", String.valueOf(e.getMessage())));
        channel.close();
      }
    }
  }

  void out(Map<String, Object> request, MessageChannel channel)
      throws IOException, InterruptedException {
    if (isReady(channel)) {
      channel.write(Map.of("ok", true));
      try {
        new GuestCopy(run)
            .out(
                String.valueOf(request.get("folder")),
                String.valueOf(request.get("name")),
                new PieceWriter(channel));
        channel.write(Map.of("end", true));
      } catch (IOException e) {
        channel.write(Map.of("error", String.valueOf(e.getMessage())));
      }
    }
  }

  private boolean isReady(MessageChannel channel) throws IOException {
    if (!run.hasShell()) {
      channel.write(
          Map.of(
              "error",
              "only RingZero's own guest copies files, and only when it has booted;"
                  + " rz run --share works with others"));
    }
    return run.hasShell();
  }

  /** What comes in lines, as bytes. */
  private static final class Pieces extends InputStream {
    private final MessageChannel channel;
    private byte[] piece = new byte[0];
    private int at;
    private boolean ended;

    Pieces(MessageChannel channel) {
      this.channel = channel;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int lengthBytes) throws IOException {
      while (at == piece.length && !ended) {
        next();
      }
      if (at == piece.length) {
        return -1;
      }
      int count = Math.min(lengthBytes, piece.length - at);
      System.arraycopy(piece, at, bytes, offset, count);
      at += count;
      return count;
    }

    private void next() throws IOException {
      String line = channel.readLine();
      if (line == null) {
        throw new EOFException("who copied went away");
      }
      try {
        Map<String, Object> frame = Json.read(line);
        ended = frame.get("end") != null;
        piece = Base64.getDecoder().decode(String.valueOf(frame.getOrDefault("data", "")));
        at = 0;
      } catch (MalformedJsonException | IllegalArgumentException e) {
        throw new IOException(e.getMessage(), e);
      }
    }
  }

  /** Bytes in lines. */
  private static final class PieceWriter extends OutputStream {
    private final MessageChannel channel;

    PieceWriter(MessageChannel channel) {
      this.channel = channel;
    }

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int lengthBytes) throws IOException {
      for (int at = 0; at < lengthBytes; at += PIECE_BYTES) {
        int count = Math.min(PIECE_BYTES, lengthBytes - at);
        byte[] part = Arrays.copyOfRange(bytes, offset + at, offset + at + count);
        channel.write(Map.of("data", Base64.getEncoder().encodeToString(part)));
      }
    }
  }
}
