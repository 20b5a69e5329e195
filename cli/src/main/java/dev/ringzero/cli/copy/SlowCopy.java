package dev.ringzero.cli.copy;

import dev.ringzero.control.agent.PipedCommand;
import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.protocol.Json.MalformedJsonException;
import dev.ringzero.control.protocol.MessageChannel;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Archives to a machine and from it, through a guest without an agent's line: in lines of JSON,
 * piece by piece.
 */
final class SlowCopy {
  private static final int PIECE_BYTES = 32 << 10;

  private final MessageChannel channel;

  SlowCopy(MessageChannel channel) {
    this.channel = channel;
  }

  /** Lets the guest unpack an archive in a folder. */
  void unpack(String folder, PipedCommand.Source packing) throws IOException {
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("do", "copy-in");
    request.put("folder", folder);
    channel.ask(request);
    try (OutputStream out = new BufferedOutputStream(new Pieces(), PIECE_BYTES)) {
      packing.writeTo(out);
    } catch (IOException e) {
      // The guest may have said more of why it takes no more.
      throw new IOException(said().orElse(e.getMessage()), e);
    }
    channel.ask(Map.of("end", true));
  }

  private Optional<String> said() {
    try {
      String line = channel.readLine();
      return Optional.ofNullable(line == null ? null : Json.read(line).get("error"))
          .map(Object::toString);
    } catch (IOException | MalformedJsonException e) {
      return Optional.empty();
    }
  }

  /** Lets the guest pack a file or folder. */
  void pack(String folder, String name, GuestConnection.Unpacking unpacking) throws IOException {
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("do", "copy-out");
    request.put("folder", folder);
    request.put("name", name);
    channel.ask(request);
    try (Frames frames = new Frames()) {
      unpacking.from(frames);
      frames.readAllBytes();
    }
  }

  private final class Pieces extends OutputStream {
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

  private final class Frames extends InputStream {
    private byte[] piece = new byte[0];
    private int at;
    private boolean ended;

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
        throw new EOFException("the machine has ended");
      }
      try {
        Map<String, Object> frame = Json.read(line);
        if (frame.get("error") != null) {
          throw new IOException(frame.get("error").toString());
        }
        ended = frame.get("end") != null;
        piece = Base64.getDecoder().decode(String.valueOf(frame.getOrDefault("data", "")));
        at = 0;
      } catch (MalformedJsonException e) {
        throw new IOException(e.getMessage(), e);
      }
    }
  }
}
