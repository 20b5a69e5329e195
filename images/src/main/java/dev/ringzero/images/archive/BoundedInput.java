package dev.ringzero.images.archive;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** One member of an archive: a stream that ends where the member does. */
final class BoundedInput extends InputStream {
  private final InputStream in;
  private final int paddingBytes;
  private long remainingBytes;

  BoundedInput(InputStream in, long lengthBytes, int paddingBytes) {
    this.in = in;
    this.remainingBytes = lengthBytes;
    this.paddingBytes = paddingBytes;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] destination, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (remainingBytes == 0) {
      return -1;
    }
    int count = in.read(destination, offset, (int) Math.min(length, remainingBytes));
    if (count < 0) {
      throw new EOFException("archive ends inside a member");
    }
    remainingBytes -= count;
    return count;
  }

  /** Moves the stream below behind this member and its padding. */
  void skipRest() throws IOException {
    in.skipNBytes(remainingBytes);
    remainingBytes = 0;
    in.skipNBytes(paddingBytes);
  }
}
