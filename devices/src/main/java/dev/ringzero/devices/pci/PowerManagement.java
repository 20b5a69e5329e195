package dev.ringzero.devices.pci;

/**
 * The power management capability: a function that keeps its state and works in every power state.
 *
 * <p>Not modelled: wake events, registers that do not answer in D3.
 *
 * @spec PCI Bus Power Management Interface Specification 1.2, "Power Management Register Block"
 */
public final class PowerManagement {
  private static final int ID = 0x01;
  private static final int BYTES = 8;
  private static final int CAPABILITIES = 0x02;
  private static final int CONTROL = 0x04;
  private static final int VERSION_3 = 3;
  private static final int NO_SOFT_RESET = 1 << 3;
  private static final int POWER_STATE = 3;

  private PowerManagement() {}

  /** Adds the capability to a function. */
  public static void add(PciFunction function) {
    int offset = function.addCapability(ID, BYTES);
    ConfigSpace config = function.config();
    config.set(offset + CAPABILITIES, 2, VERSION_3);
    config.set(offset + CONTROL, 2, NO_SOFT_RESET);
    config.setWritable(offset + CONTROL, 2, POWER_STATE);
  }
}
