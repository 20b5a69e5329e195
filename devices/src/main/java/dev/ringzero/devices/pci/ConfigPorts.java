package dev.ringzero.devices.pci;

import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.memory.BytePortDevice;
import dev.ringzero.memory.PortDevice;

/**
 * Configuration mechanism 1: the address register at 0xCF8, which answers to doublewords only, and
 * the data window at 0xCFC. The byte at 0xCF9 is the chipset's reset control.
 *
 * @spec PCI Local Bus Specification 3.0, "Software Generation of Configuration Transactions"
 */
public final class ConfigPorts implements PortDevice, Stateful {
  public static final int PORT = 0xCF8;
  public static final int PORTS = 8;

  private static final int ADDRESS = 0;
  private static final int RESET_CONTROL = 1;
  private static final int DATA = 4;

  private static final int ENABLE = 1 << 31;
  private static final int ADDRESS_WRITABLE = ENABLE | 0xFF_FFFC;

  private final PciBus bus;
  private final BytePortDevice resetControl;
  private volatile int address;

  public ConfigPorts(PciBus bus, BytePortDevice resetControl) {
    this.bus = bus;
    this.resetControl = resetControl;
  }

  @Override
  public long readPort(int offset, int sizeBytes) {
    if (offset >= DATA) {
      return readData(offset - DATA, sizeBytes);
    }
    if (offset == ADDRESS && sizeBytes == 4) {
      return address & 0xFFFF_FFFFL;
    }
    if (offset == RESET_CONTROL && sizeBytes == 1) {
      return resetControl.readByte(0);
    }
    return (1L << 8 * sizeBytes) - 1;
  }

  private long readData(int within, int sizeBytes) {
    int target = address;
    if ((target & ENABLE) == 0 || within + sizeBytes > 4) {
      return (1L << 8 * sizeBytes) - 1;
    }
    return bus.readConfig(
        target >>> 16 & 0xFF, target >>> 8 & 0xFF, (target & 0xFC) + within, sizeBytes);
  }

  @Override
  public void writePort(int offset, int sizeBytes, long value) {
    if (offset >= DATA) {
      writeData(offset - DATA, sizeBytes, value);
    } else if (offset == ADDRESS && sizeBytes == 4) {
      address = (int) value & ADDRESS_WRITABLE;
    } else if (offset == RESET_CONTROL && sizeBytes == 1) {
      resetControl.writeByte(0, (int) value);
    }
  }

  private void writeData(int within, int sizeBytes, long value) {
    int target = address;
    if ((target & ENABLE) != 0 && within + sizeBytes <= 4) {
      bus.writeConfig(
          target >>> 16 & 0xFF, target >>> 8 & 0xFF, (target & 0xFC) + within, sizeBytes, value);
    }
  }

  @Override
  public String stateName() {
    return "pci-config-ports";
  }

  @Override
  public int stateVersion() {
    return 1;
  }

  @Override
  public void save(StateWriter out) {
    out.writeInt(address);
  }

  @Override
  public void restore(StateReader in, int version) {
    if (version != 1) {
      throw new StateException("PCI address register state of version " + version);
    }
    address = in.readInt() & ADDRESS_WRITABLE;
  }
}
