package dev.ringzero.control.registry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * What the console of a machine said, in two files of bounded size: the newer one grows, and takes
 * the older one's place when it is full.
 */
public final class ConsoleLog {
  static final int MOST_BYTES = 1 << 20;

  private final Path newer;
  private final Path older;
  private final int mostBytes;

  ConsoleLog(Path directory) {
    this(directory, MOST_BYTES);
  }

  ConsoleLog(Path directory, int mostBytes) {
    newer = directory.resolve("console.log");
    older = directory.resolve("console.log.1");
    this.mostBytes = mostBytes;
  }

  /** The newest bytes, at most so many. */
  public byte[] tail(int lengthBytes) throws IOException {
    byte[] last = end(newer, lengthBytes);
    byte[] before = end(older, lengthBytes - last.length);
    ByteArrayOutputStream all = new ByteArrayOutputStream(before.length + last.length);
    all.writeBytes(before);
    all.writeBytes(last);
    return all.toByteArray();
  }

  private static byte[] end(Path file, int lengthBytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      long size = channel.size();
      ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(size, lengthBytes));
      long from = size - bytes.capacity();
      while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) > 0) {
        // more to read
      }
      return Arrays.copyOf(bytes.array(), bytes.position());
    } catch (NoSuchFileException e) {
      return new byte[0];
    }
  }

  /** Begins to write behind what is there. */
  OutputStream append() throws IOException {
    return new Appending();
  }

  private final class Appending extends OutputStream {
    private OutputStream out = open();
    private long size = Files.size(newer);

    Appending() throws IOException {}

    private static OutputStream open(Path file) throws IOException {
      return Files.newOutputStream(
          file,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND,
          StandardOpenOption.WRITE,
          LinkOption.NOFOLLOW_LINKS);
    }

    private OutputStream open() throws IOException {
      return open(newer);
    }

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int lengthBytes) throws IOException {
      if (size + lengthBytes > mostBytes) {
        out.close();
        Files.move(newer, older, StandardCopyOption.REPLACE_EXISTING);
        out = open();
        size = 0;
      }
      out.write(bytes, offset, lengthBytes);
      size += lengthBytes;
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}
