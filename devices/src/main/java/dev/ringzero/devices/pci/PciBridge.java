package dev.ringzero.devices.pci;

import static dev.ringzero.devices.pci.PciRegister.*;

/**
 * A PCI-to-PCI bridge: a function with a bus behind it.
 *
 * <p>Not modelled: the windows as a filter. They are registers, but what lies behind the bridge
 * answers where its own BARs say.
 *
 * @spec PCI-to-PCI Bridge Architecture Specification 1.2
 */
public class PciBridge {
  private static final int IO_32_BIT = 0x01;
  private static final int MEMORY_64_BIT = 0x01;

  private final PciFunction function;
  private final PciBus secondary;
  private boolean resetting;

  PciBridge(String name, PciIdentity identity, PciBus secondary) {
    this.function = new PciFunction(name, identity);
    this.secondary = secondary;
    secondary.number(this::secondaryNumber);
    ConfigSpace config = function.config();
    config.set(HEADER_TYPE, 1, HEADER_BRIDGE);
    config.setWritable(BUS_NUMBERS, 3, 0xFF_FFFF);
    config.set(IO_BASE, 2, IO_32_BIT << 8 | IO_32_BIT);
    config.setWritable(IO_BASE, 2, 0xF0F0);
    config.setWritable(IO_UPPER, 4, 0xFFFF_FFFFL);
    config.setWritable(MEMORY_BASE, 4, 0xFFF0_FFF0L);
    config.set(PREFETCHABLE_BASE, 4, MEMORY_64_BIT << 16 | MEMORY_64_BIT);
    config.setWritable(PREFETCHABLE_BASE, 4, 0xFFF0_FFF0L);
    config.setWritable(PREFETCHABLE_UPPER, 8, -1);
    config.setWritable(BRIDGE_CONTROL, 2, 0x0003 | BRIDGE_CONTROL_RESET);
    function.onConfigWrite(this::written);
  }

  /** The bridge itself. */
  public PciFunction function() {
    return function;
  }

  /** The bus behind it. */
  public PciBus secondary() {
    return secondary;
  }

  int secondaryNumber() {
    return (int) function.config().read(SECONDARY_BUS, 1);
  }

  boolean leadsTo(int busNumber) {
    int last = (int) function.config().read(SUBORDINATE_BUS, 1);
    return busNumber >= secondaryNumber() && busNumber <= last && secondaryNumber() != 0;
  }

  private void written(int offset, int sizeBytes) {
    boolean asserted = (function.config().read(BRIDGE_CONTROL, 2) & BRIDGE_CONTROL_RESET) != 0;
    if (asserted && !resetting) {
      secondary.reset();
    }
    resetting = asserted;
  }
}
