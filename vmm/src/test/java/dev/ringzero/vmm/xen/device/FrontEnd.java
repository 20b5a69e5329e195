package dev.ringzero.vmm.xen.device;

import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.testkit.StepRunner;
import dev.ringzero.vmm.xen.store.Store;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** A guest that grants frames by their index, and has one event channel, of port 5. */
final class FrontEnd implements Grants, AutoCloseable {
  static final int PORT = 5;
  private static final int FRAMES = 32;

  final Store store = new Store();
  final StepRunner runner = new StepRunner();
  private final long[] frames = new long[FRAMES];
  private final List<Integer> mapped = new ArrayList<>();
  private Runnable heard = () -> {};
  int signals;

  FrontEnd() {
    for (int i = 0; i < FRAMES; i++) {
      frames[i] = FramePool.host().allocate() << FramePool.FRAME_SHIFT;
    }
  }

  /** Machine address of a frame that is granted under this number. */
  long frame(int reference) {
    return frames[reference];
  }

  List<Integer> mapped() {
    return mapped;
  }

  /** Writes into the guest's part of the store, as its driver does. */
  void write(String front, String node, Object value) {
    store.give(front + "/" + node, value.toString());
    runner.run();
  }

  void kick() {
    heard.run();
    runner.run();
  }

  /** Puts a request into a ring. */
  void request(int ring, int entryBytes, ByteBuffer request) {
    long page = frames[ring];
    int entries = Integer.highestOneBit((4096 - 64) / entryBytes);
    int produced = (int) MachineMemory.read32(page);
    long at = page + 64 + (long) (produced & entries - 1) * entryBytes;
    MachineMemory.write(at, request.array(), 0, entryBytes);
    MachineMemory.write32(page, produced + 1L);
  }

  /** The response of a number, counted from 0. */
  ByteBuffer response(int ring, int entryBytes, int number) {
    int entries = Integer.highestOneBit((4096 - 64) / entryBytes);
    byte[] bytes = new byte[entryBytes];
    long at = frames[ring] + 64 + (long) (number & entries - 1) * entryBytes;
    MachineMemory.read(at, bytes, 0, entryBytes);
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  int responses(int ring) {
    return (int) MachineMemory.read32(frames[ring] + 8);
  }

  static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private boolean isGranted(int reference, int offset, int lengthBytes) {
    return reference >= 0
        && reference < FRAMES
        && offset >= 0
        && lengthBytes >= 0
        && offset + lengthBytes <= 4096;
  }

  @Override
  public boolean read(int reference, int offset, byte[] to, int at, int lengthBytes) {
    boolean granted = isGranted(reference, offset, lengthBytes);
    if (granted) {
      MachineMemory.read(frames[reference] + offset, to, at, lengthBytes);
    }
    return granted;
  }

  @Override
  public boolean write(int reference, int offset, byte[] from, int at, int lengthBytes) {
    boolean granted = isGranted(reference, offset, lengthBytes);
    if (granted) {
      MachineMemory.write(frames[reference] + offset, from, at, lengthBytes);
    }
    return granted;
  }

  @Override
  public long map(int reference) {
    if (!isGranted(reference, 0, 0)) {
      return -1;
    }
    mapped.add(reference);
    return frames[reference];
  }

  @Override
  public void unmap(int reference) {
    mapped.remove((Integer) reference);
  }

  @Override
  public Channel connect(int port, Runnable listener) {
    if (port != PORT) {
      return null;
    }
    heard = listener;
    return new Channel() {
      @Override
      public void signal() {
        signals++;
      }

      @Override
      public void close() {
        heard = () -> {};
      }
    };
  }

  @Override
  public void close() {
    for (long frame : frames) {
      FramePool.host().free(frame >>> FramePool.FRAME_SHIFT);
    }
  }
}
