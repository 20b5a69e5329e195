package dev.ringzero.devices.testdev;

import dev.ringzero.memory.PortDevice;
import java.util.function.IntConsumer;

/**
 * A port by which a guest ends its machine with a status, so that a test in it can say how it went.
 *
 * @spec QEMU hw/misc/debugexit.c, isa-debug-exit
 */
public final class DebugExit implements PortDevice {
  public static final int DEFAULT_PORT = 0xF4;
  public static final int PORTS = 4;

  private final IntConsumer exit;

  /**
   * Makes the port.
   *
   * @param exit learns the status, 0 to 255
   */
  public DebugExit(IntConsumer exit) {
    this.exit = exit;
  }

  @Override
  public long readPort(int offset, int sizeBytes) {
    return 0;
  }

  /** {@inheritDoc} Every status is odd: nothing that a guest says here is success by itself. */
  @Override
  public void writePort(int offset, int sizeBytes, long value) {
    exit.accept((int) (value << 1 | 1) & 0xFF);
  }
}
