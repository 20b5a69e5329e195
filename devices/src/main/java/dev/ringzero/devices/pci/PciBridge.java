package dev.ringzero.devices.pci;

import static dev.ringzero.devices.pci.PciRegister.*;

/**
 * A PCI-to-PCI bridge: a function with a bus behind it.
 *
 * <p>Not modelled: the windows as a filter: what lies behind the bridge answers where its own BARs
 * say, wherever that is.
 *
 * @spec PCI-to-PCI Bridge Architecture Specification 1.2
 */
public class PciBridge {
  private static final int IO_32_BIT = 0x01;
  private static final int MEMORY_64_BIT = 0x01;

  private final PciFunction function;
  private final PciBus secondary;
  private final MemoryWindow memory;
  private final MemoryWindow prefetchable;
  private boolean resetting;

  PciBridge(String name, PciIdentity identity, PciBus secondary) {
    this.function = new PciFunction(name, identity);
    this.secondary = secondary;
    memory = new MemoryWindow(secondary, secondary.deviceBus());
    prefetchable = new MemoryWindow(secondary, secondary.deviceBus());
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
    config.set(BRIDGE_CONTROL, 2, BRIDGE_CONTROL_SERR);
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

  /** The function that a configuration request on the bus behind it reaches, or null. */
  PciFunction functionAt(int deviceFunction) {
    return secondary.functionAt(deviceFunction);
  }

  private void written(int offset, int sizeBytes) {
    if (offset < PREFETCHABLE_UPPER + 8) {
      placeWindows();
    }
    boolean asserted = (function.config().read(BRIDGE_CONTROL, 2) & BRIDGE_CONTROL_RESET) != 0;
    if (asserted && !resetting) {
      secondary.reset();
    }
    resetting = asserted;
  }

  private void placeWindows() {
    ConfigSpace config = function.config();
    boolean on = (config.read(COMMAND, 2) & COMMAND_MEMORY) != 0;
    place(memory, on, config.read(MEMORY_BASE, 2), config.read(MEMORY_BASE + 2, 2), 0, 0);
    place(
        prefetchable,
        on,
        config.read(PREFETCHABLE_BASE, 2),
        config.read(PREFETCHABLE_BASE + 2, 2),
        config.read(PREFETCHABLE_UPPER, 4),
        config.read(PREFETCHABLE_UPPER + 4, 4));
  }

  private static void place(
      MemoryWindow window, boolean on, long base, long limit, long upperBase, long upperLimit) {
    long first = upperBase << 32 | (base & 0xFFF0) << 16;
    long last = upperLimit << 32 | (limit & 0xFFF0) << 16 | 0xF_FFFF;
    boolean usable = on && upperBase >>> 20 == 0 && upperLimit >>> 20 == 0 && first <= last;
    window.place(usable ? first : 0, usable ? last + 1 : 0);
  }
}
