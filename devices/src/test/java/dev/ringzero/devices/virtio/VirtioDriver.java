package dev.ringzero.devices.virtio;

import dev.ringzero.devices.pci.PciBus;
import dev.ringzero.devices.pci.PciFunction;
import dev.ringzero.devices.virtio.pci.VirtioPci;
import dev.ringzero.memory.DeviceBus;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.testkit.FakeLine;
import dev.ringzero.testkit.StepRunner;
import dev.ringzero.testkit.VirtqueueDriver;
import java.util.ArrayList;
import java.util.List;

/** A driver for any virtio device over PCI, which does what the specification says step by step. */
public final class VirtioDriver implements AutoCloseable {
  public static final int NO_VECTOR = 0xFFFF;
  private static final long WINDOW = 0xD000_0000L;
  private static final long MSIX_WINDOW = 0xD100_0000L;
  private static final long QUEUES = 0x10_0000L;
  private static final long QUEUE_BYTES = 0x4000;
  private static final int BAR_WINDOW = 0x20;
  private static final int BAR_MSIX = 0x14;
  private static final int COMMAND = 0x04;
  private static final int MEMORY_AND_MASTER = 6;

  public final GuestMemory memory = GuestMemory.ofPc(4 << 20);
  public final StepRunner runner = new StepRunner();
  public final DeviceBus bus = new DeviceBus();
  public final FakeLine[] wires = {new FakeLine(), new FakeLine(), new FakeLine(), new FakeLine()};
  public final List<Integer> messages = new ArrayList<>();
  public final VirtioPci device;
  private long common;
  private long notify;
  private long deviceConfig;
  private long isr;

  public VirtioDriver(VirtioDevice what) {
    device = new VirtioPci("device", what, memory, (address, data) -> messages.add(data), runner);
    new PciBus(bus, wires).plug(1, 0, function());
    enable();
    findStructures();
  }

  /** Places the BARs and lets the device use memory, as firmware does. */
  public void enable() {
    function().writeConfig(BAR_WINDOW, 4, WINDOW);
    function().writeConfig(BAR_MSIX, 4, MSIX_WINDOW);
    function().writeConfig(COMMAND, 2, MEMORY_AND_MASTER);
  }

  public PciFunction function() {
    return device.function();
  }

  private void findStructures() {
    for (int at = next(0x34); at != 0; at = next(at + 1)) {
      if (function().readConfig(at, 1) == 0x09) {
        long place = WINDOW + function().readConfig(at + 8, 4);
        switch ((int) function().readConfig(at + 3, 1)) {
          case 1 -> common = place;
          case 2 -> notify = place;
          case 3 -> isr = place;
          case 4 -> deviceConfig = place;
          default -> {}
        }
      }
    }
  }

  private int next(int pointer) {
    return (int) function().readConfig(pointer, 1);
  }

  /** Finds a capability of the function, or 0. */
  public int capability(int id) {
    int at = next(0x34);
    while (at != 0 && function().readConfig(at, 1) != id) {
      at = next(at + 1);
    }
    return at;
  }

  public long readCommon(int offset, int sizeBytes) {
    return bus.read(common + offset, sizeBytes);
  }

  public void writeCommon(int offset, int sizeBytes, long value) {
    bus.write(common + offset, sizeBytes, value);
  }

  public long readConfig(int offset, int sizeBytes) {
    return bus.read(deviceConfig + offset, sizeBytes);
  }

  public void writeConfig(int offset, int sizeBytes, long value) {
    bus.write(deviceConfig + offset, sizeBytes, value);
  }

  public long readInterruptStatus() {
    return bus.read(isr, 1);
  }

  public int status() {
    return (int) readCommon(0x14, 1);
  }

  public void status(int value) {
    writeCommon(0x14, 1, value);
  }

  public long offered() {
    writeCommon(0, 4, 0);
    long low = readCommon(4, 4);
    writeCommon(0, 4, 1);
    return low | readCommon(4, 4) << 32;
  }

  public void accept(long features) {
    for (int half = 0; half < 2; half++) {
      writeCommon(8, 4, half);
      writeCommon(0x0C, 4, features >>> 32 * half & 0xFFFF_FFFFL);
    }
  }

  /** Resets the device and agrees on features; true if it accepts them. */
  public boolean negotiate(long features) {
    status(0);
    runner.run();
    status(VirtioStatus.ACKNOWLEDGE);
    status(VirtioStatus.ACKNOWLEDGE | VirtioStatus.DRIVER);
    accept(features);
    status(status() | VirtioStatus.FEATURES_OK);
    return (status() & VirtioStatus.FEATURES_OK) != 0;
  }

  /** Sets up a split queue. */
  public VirtqueueDriver queue(int index, int size, int vector) {
    VirtqueueDriver queue = new VirtqueueDriver(memory, QUEUES + index * QUEUE_BYTES, size);
    place(index, size, vector, queue.table(), queue.available(), queue.used());
    return queue;
  }

  /** Says where a queue is, right or wrong, and enables it. */
  public void place(
      int index, int size, int vector, long descriptors, long driverArea, long deviceArea) {
    writeCommon(0x16, 2, index);
    writeCommon(0x18, 2, size);
    writeCommon(0x1A, 2, vector);
    writeCommon(0x20, 8, descriptors);
    writeCommon(0x28, 8, driverArea);
    writeCommon(0x30, 8, deviceArea);
    writeCommon(0x1C, 2, 1);
  }

  public void ready() {
    status(status() | VirtioStatus.DRIVER_OK);
  }

  /** Agrees on features, sets queue 0 up and starts the device. */
  public VirtqueueDriver start(long features, int size) {
    if (!negotiate(features)) {
      throw new AssertionError("features refused");
    }
    VirtqueueDriver queue = queue(0, size, NO_VECTOR);
    ready();
    return queue;
  }

  /** Tells the device of new buffers and lets it work. */
  public void kick(int queue) {
    bus.write(notify + 4L * queue, 2, queue);
    runner.run();
  }

  public boolean needsReset() {
    return (status() & VirtioStatus.DEVICE_NEEDS_RESET) != 0;
  }

  /** Lets the device send a vector's message, with a number in it. */
  public void useVector(int vector, int data) {
    int capability = capability(0x11);
    function().writeConfig(capability + 2, 2, 0x8000);
    bus.write(MSIX_WINDOW + 16L * vector, 8, 0xFEE0_0000L);
    bus.write(MSIX_WINDOW + 16L * vector + 8, 4, data);
    bus.write(MSIX_WINDOW + 16L * vector + 12, 4, 0);
  }

  @Override
  public void close() {
    memory.close();
  }
}
