package dev.ringzero.devices.virtio.queue;

import dev.ringzero.memory.Slices;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A part of a driver's buffer as the host's channels take it, pinned until it is closed. */
public final class PinnedBuffers implements AutoCloseable {
  private static final long MOST_BUFFER_BYTES = 1 << 30;

  private final List<Slices> slices = new ArrayList<>();
  private final List<ByteBuffer> buffers = new ArrayList<>();

  void add(Slices run) {
    slices.add(run);
    for (int i = 0; i < run.count(); i++) {
      long length = run.lengthBytes(i);
      for (long at = 0; at < length; at += MOST_BUFFER_BYTES) {
        long part = Math.min(MOST_BUFFER_BYTES, length - at);
        buffers.add(run.segment(i).asSlice(at, part).asByteBuffer());
      }
    }
  }

  /** The memory, in order. */
  public ByteBuffer[] buffers() {
    return buffers.toArray(ByteBuffer[]::new);
  }

  @Override
  public void close() {
    slices.forEach(Slices::close);
  }
}
