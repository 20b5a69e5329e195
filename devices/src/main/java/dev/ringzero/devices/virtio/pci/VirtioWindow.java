package dev.ringzero.devices.virtio.pci;

import dev.ringzero.devices.pci.ConfigSpace;
import dev.ringzero.devices.pci.PciFunction;
import dev.ringzero.memory.MmioDevice;

/**
 * The BAR in which all structures of a virtio function lie, a page each, and the capabilities that
 * lead there.
 *
 * <pre>
 * 0x0000 common configuration
 * 0x1000 ISR status
 * 0x2000 configuration of the device type
 * 0x4000 notification, four bytes a queue
 * </pre>
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "Virtio Structure PCI Capabilities"
 */
final class VirtioWindow implements MmioDevice {
  private static final int BAR = 4;
  private static final int BAR_BYTES = 0x8000;
  private static final int COMMON = 0x0000;
  private static final int ISR = 0x1000;
  private static final int DEVICE = 0x2000;
  private static final int NOTIFY = 0x4000;
  private static final int NOTIFY_MULTIPLIER = 4;

  private static final int VENDOR_SPECIFIC = 0x09;
  private static final int CAP_LENGTH = 2;
  private static final int CAP_TYPE = 3;
  private static final int CAP_BAR = 4;
  private static final int CAP_OFFSET = 8;
  private static final int CAP_BYTES_AT = 12;
  private static final int CAP_BYTES = 16;
  private static final int CAP_EXTRA = 16;
  private static final int CAP_EXTRA_BYTES = 4;

  private static final int COMMON_CFG = 1; // VIRTIO_PCI_CAP_COMMON_CFG
  private static final int NOTIFY_CFG = 2; // VIRTIO_PCI_CAP_NOTIFY_CFG
  private static final int ISR_CFG = 3; // VIRTIO_PCI_CAP_ISR_CFG
  private static final int DEVICE_CFG = 4; // VIRTIO_PCI_CAP_DEVICE_CFG
  private static final int PCI_CFG = 5; // VIRTIO_PCI_CAP_PCI_CFG

  private final VirtioPci owner;
  private final ConfigSpace config;
  private final int throughConfig;

  VirtioWindow(VirtioPci owner, PciFunction function, int deviceBytes, int queues) {
    this.owner = owner;
    this.config = function.config();
    function.addMemoryBar(BAR, BAR_BYTES, 0, this);
    add(function, COMMON_CFG, COMMON, CommonRegister.BYTES, 0);
    int notify = add(function, NOTIFY_CFG, NOTIFY, queues * NOTIFY_MULTIPLIER, CAP_EXTRA_BYTES);
    config.set(notify + CAP_EXTRA, 4, NOTIFY_MULTIPLIER);
    add(function, ISR_CFG, ISR, 1, 0);
    if (deviceBytes > 0) {
      add(function, DEVICE_CFG, DEVICE, deviceBytes, 0);
    }
    throughConfig = add(function, PCI_CFG, 0, 0, CAP_EXTRA_BYTES);
    config.setWritable(throughConfig + CAP_BAR, 1, 0xFF);
    config.setWritable(throughConfig + CAP_OFFSET, 4, -1);
    config.setWritable(throughConfig + CAP_BYTES_AT, 4, -1);
    config.setWritable(throughConfig + CAP_EXTRA, 4, -1);
    function.onConfigRead(this::configRead);
    function.onConfigWrite(this::configWritten);
  }

  private static int add(PciFunction function, int type, int offset, int bytes, int extraBytes) {
    int capability = function.addCapability(VENDOR_SPECIFIC, CAP_BYTES + extraBytes);
    ConfigSpace config = function.config();
    config.set(capability + CAP_LENGTH, 1, CAP_BYTES + extraBytes);
    config.set(capability + CAP_TYPE, 1, type);
    config.set(capability + CAP_BAR, 1, BAR);
    config.set(capability + CAP_OFFSET, 4, offset);
    config.set(capability + CAP_BYTES_AT, 4, bytes);
    return capability;
  }

  @Override
  public long read(long offset, int sizeBytes) {
    if (offset >= NOTIFY) {
      return 0;
    }
    if (offset >= DEVICE) {
      return owner.readDevice(offset - DEVICE, sizeBytes);
    }
    if (offset >= ISR) {
      return offset == ISR && sizeBytes == 1 ? owner.readInterruptStatus() : 0;
    }
    return owner.readCommon(offset, sizeBytes);
  }

  @Override
  public void write(long offset, int sizeBytes, long value) {
    if (offset >= NOTIFY) {
      owner.notified((int) (offset - NOTIFY) / NOTIFY_MULTIPLIER);
    } else if (offset >= DEVICE) {
      owner.writeDevice(offset - DEVICE, sizeBytes, value);
    } else if (offset < ISR) {
      owner.writeCommon(offset, sizeBytes, value);
    }
  }

  private boolean isData(int offset, int sizeBytes) {
    int data = throughConfig + CAP_EXTRA;
    return sizeBytes <= 4 && offset < data + CAP_EXTRA_BYTES && offset + sizeBytes > data;
  }

  /** Where the window in configuration space points, or -1 if nowhere. */
  private long target(int sizeBytes) {
    long offset = config.read(throughConfig + CAP_OFFSET, 4);
    boolean valid =
        config.read(throughConfig + CAP_BAR, 1) == BAR
            && (sizeBytes == 1 || sizeBytes == 2 || sizeBytes == 4)
            && (offset & sizeBytes - 1) == 0
            && offset <= BAR_BYTES - sizeBytes;
    return valid ? offset : -1;
  }

  private void configRead(int offset, int sizeBytes) {
    if (isData(offset, sizeBytes)) {
      int width = (int) config.read(throughConfig + CAP_BYTES_AT, 4);
      long target = target(width);
      if (target >= 0) {
        config.set(throughConfig + CAP_EXTRA, 4, read(target, width));
      }
    }
  }

  private void configWritten(int offset, int sizeBytes) {
    if (isData(offset, sizeBytes)) {
      int width = (int) config.read(throughConfig + CAP_BYTES_AT, 4);
      long target = target(width);
      if (target >= 0) {
        write(target, width, config.read(throughConfig + CAP_EXTRA, 4) & -1L >>> 64 - 8 * width);
      }
    }
  }
}
