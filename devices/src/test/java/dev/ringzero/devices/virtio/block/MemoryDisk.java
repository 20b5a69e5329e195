package dev.ringzero.devices.virtio.block;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Blocks in an array; requests end at once, or when the test says so. */
final class MemoryDisk implements BlockBackend {
  final byte[] bytes;
  final List<String> requests = new ArrayList<>();
  final List<Runnable> waiting = new ArrayList<>();
  boolean later;
  boolean readOnly;
  Status answer = Status.OK;

  MemoryDisk(int sizeBytes) {
    bytes = new byte[sizeBytes];
  }

  private void end(String request, Runnable work, Completion completion) {
    requests.add(request);
    Status status = answer;
    Runnable whole =
        () -> {
          if (status == Status.OK) {
            work.run();
          }
          completion.done(status);
        };
    if (later) {
      waiting.add(whole);
    } else {
      whole.run();
    }
  }

  @Override
  public long sizeBytes() {
    return bytes.length;
  }

  @Override
  public boolean isReadOnly() {
    return readOnly;
  }

  @Override
  public void read(long offset, ByteBuffer[] into, Completion completion) {
    end(
        "read",
        () -> {
          int at = (int) offset;
          for (ByteBuffer buffer : into) {
            int length = buffer.remaining();
            buffer.put(bytes, at, length);
            at += length;
          }
        },
        completion);
  }

  @Override
  public void write(long offset, ByteBuffer[] from, Completion completion) {
    end(
        "write",
        () -> {
          int at = (int) offset;
          for (ByteBuffer buffer : from) {
            int length = buffer.remaining();
            buffer.get(bytes, at, length);
            at += length;
          }
        },
        completion);
  }

  @Override
  public void flush(Completion completion) {
    end("flush", () -> {}, completion);
  }

  @Override
  public void discard(long offset, long lengthBytes, Completion completion) {
    end("discard " + offset + " " + lengthBytes, () -> {}, completion);
  }

  @Override
  public void writeZeroes(long offset, long lengthBytes, boolean mayUnmap, Completion completion) {
    end(
        "zero " + offset + " " + lengthBytes + " " + mayUnmap,
        () -> Arrays.fill(bytes, (int) offset, (int) (offset + lengthBytes), (byte) 0),
        completion);
  }
}
