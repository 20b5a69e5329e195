package dev.ringzero.memory;

/**
 * The buses of one machine: which device answers at which port and which guest-physical address.
 * Claims come and go at run time, as PCI BARs move; accesses take no lock. An access that crosses
 * the end of a claim is split into bytes, as a bus bridge does.
 */
public final class DeviceBus implements IoBus {
  private static final int PORTS = 0x1_0000;

  private volatile AddressMap<PortDevice> ports = new AddressMap<>();
  private volatile AddressMap<MmioDevice> memory = new AddressMap<>();

  /** A device's hold on a range of addresses. */
  @FunctionalInterface
  public interface Claim {
    /**
     * Gives the range up; nothing happens the second time. An access under way may still arrive.
     */
    void remove();
  }

  /**
   * Lets a device answer at ports. Where claims overlap, the older one answers.
   *
   * @throws IllegalArgumentException if the range is empty or leaves the port space
   */
  public synchronized Claim addPorts(int firstPort, int count, PortDevice device) {
    if (firstPort < 0 || count <= 0 || firstPort > PORTS - count) {
      throw new IllegalArgumentException("no such ports: " + firstPort + " + " + count);
    }
    var entry = new AddressMap.Entry<>(firstPort, firstPort + count - 1, device);
    ports = ports.with(entry);
    return () -> removePorts(entry);
  }

  /**
   * Lets a device answer at guest-physical addresses. Where claims overlap, the older one answers.
   *
   * @throws IllegalArgumentException if the range is empty or not below 2^52
   */
  public synchronized Claim addMemory(long gpa, long lengthBytes, MmioDevice device) {
    if (gpa < 0 || lengthBytes <= 0 || lengthBytes > 1L << 52 || gpa > (1L << 52) - lengthBytes) {
      throw new IllegalArgumentException("no such memory: " + gpa + " + " + lengthBytes);
    }
    var entry = new AddressMap.Entry<>(gpa, gpa + lengthBytes - 1, device);
    memory = memory.with(entry);
    return () -> removeMemory(entry);
  }

  /** Lets a device answer at guest-physical addresses where no other does. */
  public synchronized Claim addMemoryBehind(long gpa, long lengthBytes, MmioDevice device) {
    var entry = new AddressMap.Entry<>(gpa, gpa + lengthBytes - 1, device, true);
    memory = memory.with(entry);
    return () -> removeMemory(entry);
  }

  /** Whether a device answers at some of these ports. */
  public boolean claimsPorts(int firstPort, int count) {
    AddressMap<PortDevice> map = ports;
    for (int port = firstPort; port < firstPort + count; port++) {
      if (map.find(port) != AddressMap.NOTHING) {
        return true;
      }
    }
    return false;
  }

  private synchronized void removePorts(AddressMap.Entry<PortDevice> entry) {
    ports = ports.without(entry);
  }

  private synchronized void removeMemory(AddressMap.Entry<MmioDevice> entry) {
    memory = memory.without(entry);
  }

  @Override
  public long readPort(int port, int sizeBytes) {
    AddressMap<PortDevice> map = ports;
    int segment = map.find(port);
    if (segment == AddressMap.NOTHING && sizeBytes == 1) {
      return 0xFF;
    }
    if (segment == AddressMap.NOTHING || !map.holds(segment, port, sizeBytes)) {
      return readPortBytes(port, sizeBytes);
    }
    AddressMap.Entry<PortDevice> entry = map.entry(segment);
    return entry.device().readPort(port - (int) entry.first(), sizeBytes);
  }

  private long readPortBytes(int port, int sizeBytes) {
    long value = 0;
    for (int i = 0; i < sizeBytes; i++) {
      value |= (readPort((port + i) & 0xFFFF, 1) & 0xFF) << (8 * i);
    }
    return value;
  }

  @Override
  public void writePort(int port, int sizeBytes, long value) {
    AddressMap<PortDevice> map = ports;
    int segment = map.find(port);
    if (segment == AddressMap.NOTHING && sizeBytes == 1) {
      return;
    }
    if (segment == AddressMap.NOTHING || !map.holds(segment, port, sizeBytes)) {
      writePortBytes(port, sizeBytes, value);
      return;
    }
    AddressMap.Entry<PortDevice> entry = map.entry(segment);
    entry.device().writePort(port - (int) entry.first(), sizeBytes, value);
  }

  private void writePortBytes(int port, int sizeBytes, long value) {
    for (int i = 0; i < sizeBytes; i++) {
      writePort((port + i) & 0xFFFF, 1, value >>> (8 * i) & 0xFF);
    }
  }

  @Override
  public boolean claims(long gpa) {
    return memory.find(gpa) != AddressMap.NOTHING;
  }

  @Override
  public long read(long gpa, int sizeBytes) {
    AddressMap<MmioDevice> map = memory;
    int segment = map.find(gpa);
    if (segment == AddressMap.NOTHING && sizeBytes == 1) {
      return 0xFF;
    }
    if (segment == AddressMap.NOTHING || !map.holds(segment, gpa, sizeBytes)) {
      return readBytes(gpa, sizeBytes);
    }
    AddressMap.Entry<MmioDevice> entry = map.entry(segment);
    return entry.device().read(gpa - entry.first(), sizeBytes);
  }

  private long readBytes(long gpa, int sizeBytes) {
    long value = 0;
    for (int i = 0; i < sizeBytes; i++) {
      value |= (read(gpa + i, 1) & 0xFF) << (8 * i);
    }
    return value;
  }

  @Override
  public void write(long gpa, int sizeBytes, long value) {
    AddressMap<MmioDevice> map = memory;
    int segment = map.find(gpa);
    if (segment == AddressMap.NOTHING && sizeBytes == 1) {
      return;
    }
    if (segment == AddressMap.NOTHING || !map.holds(segment, gpa, sizeBytes)) {
      writeBytes(gpa, sizeBytes, value);
      return;
    }
    AddressMap.Entry<MmioDevice> entry = map.entry(segment);
    entry.device().write(gpa - entry.first(), sizeBytes, value);
  }

  private void writeBytes(long gpa, int sizeBytes, long value) {
    for (int i = 0; i < sizeBytes; i++) {
      write(gpa + i, 1, value >>> (8 * i) & 0xFF);
    }
  }
}
