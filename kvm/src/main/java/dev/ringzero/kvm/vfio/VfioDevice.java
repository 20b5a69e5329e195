package dev.ringzero.kvm.vfio;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * A PCI function of the host that its kernel hands through: regions that are read and written, RAM
 * that it reaches, interrupts that it sends. From {@link #open} on it is ours until it is closed.
 *
 * <p>Not modelled: several functions of one group, INTx, error and request notifications, devices
 * of iommufd alone.
 *
 * @spec Linux Documentation/driver-api/vfio.rst, "VFIO Usage Example"
 */
public final class VfioDevice implements PassedFunction, AutoCloseable {
  private static final String CONTAINER = "/dev/vfio/vfio";
  private static final int REGION_INFO_BYTES = 4096; // with room for what the kernel adds
  private static final int INFO_BYTES = 24;
  private static final int IRQ_INFO_BYTES = 16;
  private static final int IRQ_SET_BYTES = 20;
  private static final int DMA_MAP_BYTES = 32;
  private static final int PAGE_BYTES = 4096;
  private static final int LOOK_AGAIN_MILLIS = 200;

  private final String address;
  private final VfioCalls calls;
  private final int container;
  private int group = -1;
  private int device = -1;
  private boolean resets;
  private final long[] sizes = new long[Vfio.CONFIG_REGION + 1];
  private final long[] offsets = new long[Vfio.CONFIG_REGION + 1];
  private final List<List<Area>> areas = new ArrayList<>();
  private final int[] vectors = new int[Signal.values().length];
  private Signal signal = Signal.MSIX;
  private int[] counters = {};
  private Thread listener;

  private VfioDevice(String address, VfioCalls calls) {
    this.address = address;
    this.calls = calls;
    container = checked(calls.open(CONTAINER), "open " + CONTAINER);
  }

  /**
   * Takes a function of this host.
   *
   * @param address such as 0000:03:00.0
   * @throws VfioException if it cannot be had, with a line for the user
   */
  public static VfioDevice open(String address) {
    return open(address, Path.of("/sys"), new HostVfioCalls());
  }

  static VfioDevice open(String address, Path sys, VfioCalls calls) {
    String groupNumber = groupOf(address, sys);
    VfioDevice device = new VfioDevice(address, calls);
    try {
      device.attach("/dev/vfio/" + groupNumber);
      device.describe();
      return device;
    } catch (VfioException e) {
      device.close();
      throw e;
    }
  }

  private static String groupOf(String address, Path sys) {
    Path place = sys.resolve("bus/pci/devices").resolve(address);
    if (!Files.isDirectory(place)) {
      throw new VfioException("this host has no PCI function " + address + ": lspci -D lists them");
    }
    try {
      String driver =
          Files.exists(place.resolve("driver"))
              ? place.resolve("driver").toRealPath().getFileName().toString()
              : "none";
      if (!driver.equals("vfio-pci")) {
        throw new VfioException(
            "the driver of %s is %s: give it to vfio-pci first (driver_override, unbind, drivers_probe)"
                .formatted(address, driver));
      }
      return place.resolve("iommu_group").toRealPath().getFileName().toString();
    } catch (IOException e) {
      throw new VfioException(
          address + " is in no IOMMU group: the host needs an IOMMU that is on (intel_iommu=on)");
    }
  }

  private void attach(String groupPath) {
    int version = checked(calls.ioctl(container, Vfio.VFIO_GET_API_VERSION, 0), "its version");
    if (version != Vfio.API_VERSION
        || calls.ioctl(container, Vfio.VFIO_CHECK_EXTENSION, Vfio.TYPE1V2_IOMMU) != 1) {
      throw new VfioException("VFIO of this kernel has another version, or no IOMMU of type 1");
    }
    group = checked(calls.open(groupPath), "open " + groupPath);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment status = structure(arena, 8);
      checked(calls.ioctl(group, Vfio.VFIO_GROUP_GET_STATUS, status), "the group's status");
      if ((status.get(JAVA_INT, 4) & Vfio.GROUP_VIABLE) == 0) {
        throw new VfioException(
            "other functions in the group of %s have drivers of the host: give all of them to vfio-pci"
                .formatted(address));
      }
      MemorySegment number = arena.allocate(JAVA_INT);
      number.set(JAVA_INT, 0, container);
      checked(calls.ioctl(group, Vfio.VFIO_GROUP_SET_CONTAINER, number), "join the container");
      checked(calls.ioctl(container, Vfio.VFIO_SET_IOMMU, Vfio.TYPE1V2_IOMMU), "use the IOMMU");
      MemorySegment name = arena.allocateFrom(address);
      device = checked(calls.ioctl(group, Vfio.VFIO_GROUP_GET_DEVICE_FD, name), "take the device");
    }
  }

  private void describe() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = structure(arena, INFO_BYTES);
      checked(calls.ioctl(device, Vfio.VFIO_DEVICE_GET_INFO, info), "describe the device");
      int flags = info.get(JAVA_INT, 4);
      resets = (flags & Vfio.DEVICE_RESETS) != 0;
      if ((flags & Vfio.DEVICE_IS_PCI) == 0) {
        throw new VfioException(address + " is no PCI function to VFIO");
      }
      for (int index = 0; index < sizes.length; index++) {
        MemorySegment region = structure(arena, REGION_INFO_BYTES);
        region.set(JAVA_INT, 8, index);
        if (calls.ioctl(device, Vfio.VFIO_DEVICE_GET_REGION_INFO, region) >= 0) {
          sizes[index] = region.get(JAVA_LONG, 16);
          offsets[index] = region.get(JAVA_LONG, 24);
        }
        areas.add(index < BARS ? map(index, region) : List.of());
      }
      for (Signal kind : Signal.values()) {
        MemorySegment interrupts = structure(arena, IRQ_INFO_BYTES);
        interrupts.set(JAVA_INT, 8, kind.index);
        boolean has = calls.ioctl(device, Vfio.VFIO_DEVICE_GET_IRQ_INFO, interrupts) >= 0;
        vectors[kind.ordinal()] = has ? interrupts.get(JAVA_INT, 12) : 0;
      }
    }
  }

  /** Maps what of a region the kernel lets us: all of it, or the pieces that it names. */
  private List<Area> map(int index, MemorySegment region) {
    int flags = region.get(JAVA_INT, 4);
    if (sizes[index] == 0 || (flags & Vfio.REGION_MAPS) == 0) {
      return List.of();
    }
    int capability = (flags & Vfio.REGION_HAS_CAPABILITIES) != 0 ? region.get(JAVA_INT, 12) : 0;
    while (isInside(capability) && region.get(JAVA_SHORT, capability) != Vfio.SPARSE_MAP) {
      capability = region.get(JAVA_INT, capability + 4);
    }
    List<Area> mapped = new ArrayList<>();
    if (!isInside(capability)) {
      map(index, 0, sizes[index], mapped);
      return mapped;
    }
    int count = region.get(JAVA_INT, capability + 8);
    for (int i = 0; i < count && isInside(capability + 16 * (i + 1)); i++) {
      int piece = capability + 16 * (i + 1);
      map(index, region.get(JAVA_LONG, piece), region.get(JAVA_LONG, piece + 8), mapped);
    }
    return mapped;
  }

  private static boolean isInside(int offset) {
    return offset > 0 && (offset & 7) == 0 && offset <= REGION_INFO_BYTES - 16;
  }

  private void map(int index, long offset, long lengthBytes, List<Area> mapped) {
    if (lengthBytes <= 0 || ((offset | lengthBytes) & PAGE_BYTES - 1) != 0) {
      return;
    }
    long address = calls.map(device, lengthBytes, offsets[index] + offset);
    if (address > 0) {
      mapped.add(new Area(offset, lengthBytes, address));
    }
  }

  /** A structure that begins with its own size. */
  private static MemorySegment structure(Arena arena, long lengthBytes) {
    MemorySegment structure = arena.allocate(lengthBytes, 8);
    structure.set(JAVA_INT, 0, (int) lengthBytes);
    return structure;
  }

  private int checked(int result, String what) {
    if (result < 0) {
      throw new VfioException(
          "VFIO does not let us %s for %s: error %d%s"
              .formatted(what, address, -result, result == -13 ? ", may you open it?" : ""));
    }
    return result;
  }

  @Override
  public String address() {
    return address;
  }

  @Override
  public long barBytes(int bar) {
    return sizes[bar];
  }

  @Override
  public List<Area> areas(int bar) {
    return areas.get(bar);
  }

  @Override
  public int vectors(Signal kind) {
    return vectors[kind.ordinal()];
  }

  /** Lets the device reach RAM at an address of its own. */
  public void map(long hostAddress, long lengthBytes, long deviceAddress) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment map = structure(arena, DMA_MAP_BYTES);
      map.set(JAVA_INT, 4, Vfio.DMA_READ | Vfio.DMA_WRITE);
      map.set(JAVA_LONG, 8, hostAddress);
      map.set(JAVA_LONG, 16, deviceAddress);
      map.set(JAVA_LONG, 24, lengthBytes);
      checked(
          calls.ioctl(container, Vfio.VFIO_IOMMU_MAP_DMA, map),
          "pin the guest's RAM (ulimit -l must allow that)");
    }
  }

  @Override
  public long readConfig(int offset, int sizeBytes) {
    return read(Vfio.CONFIG_REGION, offset, sizeBytes);
  }

  @Override
  public void writeConfig(int offset, int sizeBytes, long value) {
    write(Vfio.CONFIG_REGION, offset, sizeBytes, value);
  }

  @Override
  public long read(int region, long offset, int sizeBytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(8, 8);
      bytes.fill((byte) 0xFF);
      if (offset + sizeBytes <= sizes[region]) {
        calls.read(device, bytes.asSlice(0, sizeBytes), offsets[region] + offset);
      }
      long value = bytes.get(JAVA_LONG, 0);
      return sizeBytes == 8 ? value : value & (1L << 8 * sizeBytes) - 1;
    }
  }

  @Override
  public void write(int region, long offset, int sizeBytes, long value) {
    if (offset + sizeBytes > sizes[region]) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(8, 8);
      bytes.set(JAVA_LONG, 0, value);
      calls.write(device, bytes.asSlice(0, sizeBytes), offsets[region] + offset);
    }
  }

  @Override
  public synchronized void enableInterrupts(Signal kind, IntConsumer signalled) {
    disableInterrupts();
    signal = kind;
    counters = new int[vectors(kind)];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment set = interruptSet(arena, Vfio.IRQ_DATA_EVENTFD, counters.length);
      for (int vector = 0; vector < counters.length; vector++) {
        counters[vector] = checked(calls.eventCounter(), "count interrupts");
        set.set(JAVA_INT, IRQ_SET_BYTES + 4L * vector, counters[vector]);
      }
      checked(calls.ioctl(device, Vfio.VFIO_DEVICE_SET_IRQS, set), "use its interrupts");
    }
    int[] mine = counters;
    listener =
        Thread.ofPlatform().name("vfio-" + address).daemon().start(() -> listen(mine, signalled));
  }

  private void listen(int[] mine, IntConsumer signalled) {
    while (!Thread.currentThread().isInterrupted()) {
      int vector = calls.awaitEvent(mine, LOOK_AGAIN_MILLIS);
      if (vector >= 0) {
        signalled.accept(vector);
      }
    }
    for (int counter : mine) {
      calls.close(counter);
    }
  }

  @Override
  public synchronized void disableInterrupts() {
    if (counters.length == 0) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      calls.ioctl(device, Vfio.VFIO_DEVICE_SET_IRQS, interruptSet(arena, Vfio.IRQ_DATA_NONE, 0));
    }
    listener.interrupt();
    counters = new int[0];
  }

  private MemorySegment interruptSet(Arena arena, int data, int count) {
    MemorySegment set = structure(arena, IRQ_SET_BYTES + 4L * count);
    set.set(JAVA_INT, 4, data | Vfio.IRQ_TRIGGER);
    set.set(JAVA_INT, 8, signal.index);
    set.set(JAVA_INT, 16, count);
    return set;
  }

  @Override
  public void reset() {
    if (resets) {
      calls.ioctl(device, Vfio.VFIO_DEVICE_RESET, 0);
    }
  }

  @Override
  public void close() {
    disableInterrupts();
    areas.stream()
        .flatMap(List::stream)
        .forEach(area -> calls.unmap(area.hostAddress(), area.lengthBytes()));
    areas.clear();
    if (device >= 0) {
      reset();
      calls.close(device);
    }
    if (group >= 0) {
      calls.close(group);
    }
    calls.close(container);
  }
}
