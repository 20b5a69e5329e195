package dev.ringzero.devices.pci;

import java.util.List;

/**
 * A function as it is now, for people.
 *
 * @param requesterId bus, device and function
 * @param name of its state, such as "virtio-eth0"
 * @param virtual whether it is a virtual function, which has no identity of its own
 * @param bars those that there are
 * @param capabilities in the order of their lists
 */
public record FunctionView(
    int requesterId,
    String name,
    int vendorId,
    int deviceId,
    int classCode,
    boolean virtual,
    boolean busMaster,
    List<Bar> bars,
    List<Capability> capabilities) {
  /**
   * A base address register and what is behind it.
   *
   * @param base where it answers; negative if nowhere
   */
  public record Bar(int number, boolean ports, boolean is64Bit, long sizeBytes, long base) {}

  /**
   * A capability with what its registers say.
   *
   * @param extended whether it is one of PCI Express, behind the first 256 bytes
   */
  public record Capability(int offset, boolean extended, int id, String name, String meaning) {}

  /** The place in the usual notation, such as 0000:01:00.0. */
  public String address() {
    return address(requesterId);
  }

  /** A requester ID in the usual notation. */
  public static String address(int requesterId) {
    return "0000:%02x:%02x.%d"
        .formatted(requesterId >>> 8, requesterId >>> 3 & 0x1F, requesterId & 7);
  }
}
