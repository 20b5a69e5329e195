package dev.ringzero.devices.virtio.console;

/**
 * Features, configuration space and control messages of the console device.
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "Console Device"
 */
final class ConsoleProtocol {
  static final long VIRTIO_CONSOLE_F_SIZE = 1 << 0;
  static final long VIRTIO_CONSOLE_F_MULTIPORT = 1 << 1;
  static final long VIRTIO_CONSOLE_F_EMERG_WRITE = 1 << 2;

  // Configuration space.
  static final int COLS = 0;
  static final int ROWS = 2;
  static final int MAX_NR_PORTS = 4;
  static final int EMERG_WR = 8;
  static final int CONFIG_BYTES = 12;

  // A control message: port (4), event (2), value (2).
  static final int CONTROL_BYTES = 8;

  static final int VIRTIO_CONSOLE_DEVICE_READY = 0;
  static final int VIRTIO_CONSOLE_DEVICE_ADD = 1;
  static final int VIRTIO_CONSOLE_PORT_READY = 3;
  static final int VIRTIO_CONSOLE_CONSOLE_PORT = 4;
  static final int VIRTIO_CONSOLE_RESIZE = 5;
  static final int VIRTIO_CONSOLE_PORT_OPEN = 6;

  private ConsoleProtocol() {}
}
