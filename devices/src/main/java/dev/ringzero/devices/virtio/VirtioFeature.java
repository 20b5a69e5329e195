package dev.ringzero.devices.virtio;

/**
 * Feature bits that belong to no device type.
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "Reserved Feature Bits"
 */
public final class VirtioFeature {
  public static final long VIRTIO_F_INDIRECT_DESC = 1L << 28;
  public static final long VIRTIO_F_EVENT_IDX = 1L << 29;
  public static final long VIRTIO_F_VERSION_1 = 1L << 32;

  /** The function can make virtual functions. */
  public static final long VIRTIO_F_SR_IOV = 1L << 37;

  /** The device's addresses go through an IOMMU, which the driver must know. */
  public static final long VIRTIO_F_ACCESS_PLATFORM = 1L << 33;

  public static final long VIRTIO_F_RING_PACKED = 1L << 34;

  /** What the transport and the queues offer for every device. */
  public static final long OF_TRANSPORT =
      VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX | VIRTIO_F_VERSION_1 | VIRTIO_F_RING_PACKED;

  private VirtioFeature() {}
}
