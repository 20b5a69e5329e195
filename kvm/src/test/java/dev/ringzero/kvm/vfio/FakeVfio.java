package dev.ringzero.kvm.vfio;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The kernel's side, for a device with BAR 0 of 4 KiB, BAR 4 of 64 bytes and three vectors. */
final class FakeVfio implements VfioCalls {
  private static final int ENOENT = 2, EINVAL = 22;
  private static final long REGION_BYTES = 1 << 20;

  final List<String> told = new ArrayList<>();
  final byte[] config = new byte[256];
  final byte[] bar0 = new byte[4096];
  final BlockingQueue<Integer> interrupts = new LinkedBlockingQueue<>();
  boolean viable = true;
  boolean opens = true;
  long[][] pieces = {};
  private int next = 10;

  @Override
  public int open(String path) {
    told.add("open " + path);
    return opens ? next++ : -ENOENT;
  }

  @Override
  public int ioctl(int fd, Vfio call, long argument) {
    told.add(call + " " + argument);
    return switch (call) {
      case VFIO_GET_API_VERSION, VFIO_SET_IOMMU, VFIO_DEVICE_RESET -> 0;
      case VFIO_CHECK_EXTENSION -> argument == Vfio.TYPE1V2_IOMMU ? 1 : 0;
      default -> -EINVAL;
    };
  }

  @Override
  public int ioctl(int fd, Vfio call, MemorySegment at) {
    MemorySegment argument = at;
    switch (call) {
      case VFIO_GROUP_GET_STATUS -> argument.set(JAVA_INT, 4, viable ? 1 : 0);
      case VFIO_GROUP_SET_CONTAINER -> told.add(call + " " + argument.get(JAVA_INT, 0));
      case VFIO_GROUP_GET_DEVICE_FD -> {
        told.add(call + " " + argument.getString(0));
        return next++;
      }
      case VFIO_DEVICE_GET_INFO -> argument.set(JAVA_INT, 4, 3);
      case VFIO_DEVICE_GET_REGION_INFO -> {
        int index = argument.get(JAVA_INT, 8);
        argument.set(JAVA_LONG, 16, index == 0 ? 4096 : index == 4 ? 64 : index == 7 ? 256 : 0);
        argument.set(JAVA_LONG, 24, index * REGION_BYTES);
        if (index == 0) {
          argument.set(JAVA_INT, 4, Vfio.REGION_MAPS | Vfio.REGION_HAS_CAPABILITIES);
          pieces(argument);
        }
      }
      case VFIO_DEVICE_GET_IRQ_INFO -> argument.set(JAVA_INT, 12, 3);
      case VFIO_DEVICE_SET_IRQS ->
          told.add(
              "%s flags 0x%x index %d count %d"
                  .formatted(
                      call,
                      argument.get(JAVA_INT, 4),
                      argument.get(JAVA_INT, 8),
                      argument.get(JAVA_INT, 16)));
      case VFIO_IOMMU_MAP_DMA ->
          told.add(
              "%s flags %d 0x%x at 0x%x + 0x%x"
                  .formatted(
                      call,
                      argument.get(JAVA_INT, 4),
                      argument.get(JAVA_LONG, 8),
                      argument.get(JAVA_LONG, 16),
                      argument.get(JAVA_LONG, 24)));
      default -> {
        return -EINVAL;
      }
    }
    return 0;
  }

  /** A capability that says nothing of maps, and one that names pieces. */
  private void pieces(MemorySegment region) {
    region.set(JAVA_INT, 12, 64);
    region.set(JAVA_INT, 64, 3);
    region.set(JAVA_INT, 68, 96);
    region.set(JAVA_INT, 96, Vfio.SPARSE_MAP);
    region.set(JAVA_INT, 104, pieces.length);
    for (int i = 0; i < pieces.length; i++) {
      region.set(JAVA_LONG, 112 + 16L * i, pieces[i][0]);
      region.set(JAVA_LONG, 120 + 16L * i, pieces[i][1]);
    }
  }

  @Override
  public long map(int fd, long lengthBytes, long offset) {
    told.add("map 0x%x at 0x%x".formatted(lengthBytes, offset));
    return 0x7F00_0000_0000L;
  }

  @Override
  public void unmap(long address, long lengthBytes) {
    told.add("unmap 0x%x at 0x%x".formatted(lengthBytes, address));
  }

  private byte[] region(long offset) {
    return offset / REGION_BYTES == 7 ? config : bar0;
  }

  @Override
  public long read(int fd, MemorySegment to, long offset) {
    for (int i = 0; i < to.byteSize(); i++) {
      to.set(JAVA_BYTE, i, region(offset)[(int) (offset % REGION_BYTES) + i]);
    }
    return to.byteSize();
  }

  @Override
  public long write(int fd, MemorySegment from, long offset) {
    for (int i = 0; i < from.byteSize(); i++) {
      region(offset)[(int) (offset % REGION_BYTES) + i] = from.get(JAVA_BYTE, i);
    }
    return from.byteSize();
  }

  @Override
  public int eventCounter() {
    return next++;
  }

  @Override
  public int awaitEvent(int[] counters, int timeoutMillis) {
    try {
      Integer vector = interrupts.poll(timeoutMillis, TimeUnit.MILLISECONDS);
      return vector == null ? -1 : vector;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return -1;
    }
  }

  @Override
  public void close(int fd) {}
}
