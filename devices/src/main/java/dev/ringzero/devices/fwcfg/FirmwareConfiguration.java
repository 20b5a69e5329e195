package dev.ringzero.devices.fwcfg;

import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.memory.PortDevice;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Facts about the machine for firmware and small kernels: a selector chooses an item, whose bytes
 * are then read one after another; behind its end, and of unknown items, all bytes are 0.
 *
 * <p>Not modelled: the DMA interface, writing items, files.
 *
 * @spec QEMU docs/specs/fw_cfg.rst, "QEMU Firmware Configuration (fw_cfg) Device"
 */
public final class FirmwareConfiguration implements PortDevice, Stateful {
  public static final int PORT = 0x510;
  public static final int PORTS = 2;

  private static final int SIGNATURE = 0x00;
  private static final int ID = 0x01;
  private static final int RAM_SIZE = 0x03;
  private static final int NO_GRAPHIC = 0x04;
  private static final int NB_CPUS = 0x05;
  private static final int MAX_CPUS = 0x0F;
  private static final int FILE_DIRECTORY = 0x19;

  /** Of {@link #ID}: the selector and the data register are there. */
  private static final int TRADITIONAL_INTERFACE = 1 << 0;

  private static final byte[] NOTHING = {};

  private final Map<Integer, byte[]> items = new TreeMap<>();
  private int selected;
  private int next;

  /** Of a machine with this many processors and this much RAM. */
  public FirmwareConfiguration(int cpus, long ramBytes) {
    items.put(SIGNATURE, "QEMU".getBytes(StandardCharsets.US_ASCII));
    items.put(ID, number(Integer.BYTES, TRADITIONAL_INTERFACE));
    items.put(RAM_SIZE, number(Long.BYTES, ramBytes));
    items.put(NO_GRAPHIC, number(Short.BYTES, 1));
    items.put(NB_CPUS, number(Short.BYTES, cpus));
    items.put(MAX_CPUS, number(Short.BYTES, cpus));
    items.put(FILE_DIRECTORY, number(Integer.BYTES, 0));
  }

  private static byte[] number(int bytes, long value) {
    byte[] all =
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    return Arrays.copyOf(all, bytes);
  }

  @Override
  public synchronized long readPort(int offset, int sizeBytes) {
    if (offset == 0) {
      return sizeBytes == 1 ? 0 : (long) next() << 8;
    }
    return next();
  }

  private int next() {
    byte[] item = items.getOrDefault(selected, NOTHING);
    return next < item.length ? item[next++] & 0xFF : 0;
  }

  @Override
  public synchronized void writePort(int offset, int sizeBytes, long value) {
    if (offset == 0 && sizeBytes == Short.BYTES) {
      selected = (int) value & 0xFFFF;
      next = 0;
    }
  }

  @Override
  public String stateName() {
    return "fw-cfg";
  }

  @Override
  public int stateVersion() {
    return 1;
  }

  @Override
  public synchronized void save(StateWriter out) {
    out.writeInt(selected);
    out.writeInt(next);
  }

  @Override
  public synchronized void restore(StateReader in, int version) {
    if (version != 1) {
      throw new StateException("fw_cfg state of version " + version);
    }
    selected = in.readInt() & 0xFFFF;
    next = Math.max(0, in.readInt());
  }
}
