package dev.ringzero.kvm.vfio;

/**
 * The calls of the interface, with the numbers of the kernel's header.
 *
 * @spec Linux include/uapi/linux/vfio.h
 */
enum Vfio {
  VFIO_GET_API_VERSION(0),
  VFIO_CHECK_EXTENSION(1),
  VFIO_SET_IOMMU(2),
  VFIO_GROUP_GET_STATUS(3),
  VFIO_GROUP_SET_CONTAINER(4),
  VFIO_GROUP_GET_DEVICE_FD(6),
  VFIO_DEVICE_GET_INFO(7),
  VFIO_DEVICE_GET_REGION_INFO(8),
  VFIO_DEVICE_GET_IRQ_INFO(9),
  VFIO_DEVICE_SET_IRQS(10),
  VFIO_DEVICE_RESET(11),
  VFIO_IOMMU_MAP_DMA(13);

  static final int API_VERSION = 0;
  static final int TYPE1V2_IOMMU = 3;

  static final int GROUP_VIABLE = 1 << 0; // VFIO_GROUP_FLAGS_VIABLE
  static final int DMA_READ = 1 << 0; // VFIO_DMA_MAP_FLAG_READ
  static final int DMA_WRITE = 1 << 1; // VFIO_DMA_MAP_FLAG_WRITE
  static final int DEVICE_RESETS = 1 << 0; // VFIO_DEVICE_FLAGS_RESET
  static final int DEVICE_IS_PCI = 1 << 1; // VFIO_DEVICE_FLAGS_PCI

  static final int REGION_MAPS = 1 << 2; // VFIO_REGION_INFO_FLAG_MMAP
  static final int REGION_HAS_CAPABILITIES = 1 << 3; // VFIO_REGION_INFO_FLAG_CAPS
  static final int SPARSE_MAP = 1; // VFIO_REGION_INFO_CAP_SPARSE_MMAP

  static final int CONFIG_REGION = 7; // VFIO_PCI_CONFIG_REGION_INDEX

  static final int IRQ_DATA_NONE = 1 << 0; // VFIO_IRQ_SET_DATA_NONE
  static final int IRQ_DATA_EVENTFD = 1 << 2; // VFIO_IRQ_SET_DATA_EVENTFD
  static final int IRQ_TRIGGER = 1 << 5; // VFIO_IRQ_SET_ACTION_TRIGGER

  private static final int TYPE = ';' << 8;
  private static final int BASE = 100;

  final int number;

  Vfio(int index) {
    number = TYPE | BASE + index;
  }
}
