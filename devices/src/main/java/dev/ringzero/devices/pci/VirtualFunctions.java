package dev.ringzero.devices.pci;

import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * The SR-IOV capability of a physical function: lets its driver make virtual functions, which
 * appear behind it on the same bus.
 *
 * <p>Their numbers follow the physical function's; those beyond the same device are reached behind
 * a port that forwards to them (ARI).
 *
 * <p>Not modelled: migration, dependencies between functions.
 *
 * @spec PCI Express Base Specification 5.0, "Single Root I/O Virtualization and Sharing"
 */
public final class VirtualFunctions {
  /** As many as there may be behind a port; on a root bus a device has room for seven. */
  public static final int MOST = 63;

  private static final int ID = 0x0010;
  private static final int BYTES = 0x40;

  private static final int CONTROL = 0x08;
  private static final int INITIAL_VFS = 0x0C;
  private static final int TOTAL_VFS = 0x0E;
  private static final int NUM_VFS = 0x10;
  private static final int FIRST_OFFSET = 0x14;
  private static final int STRIDE = 0x16;
  private static final int VF_DEVICE_ID = 0x1A;
  private static final int SUPPORTED_PAGE_SIZES = 0x1C;
  private static final int SYSTEM_PAGE_SIZE = 0x20;
  private static final int VF_BAR0 = 0x24;
  private static final int BARS = 6;

  private static final int ENABLE = 1 << 0; // VF Enable
  private static final int MEMORY = 1 << 3; // VF Memory Space Enable
  private static final int ARI_HIERARCHY = 1 << 4; // ARI Capable Hierarchy
  private static final int PAGES_OF_4K = 1;

  private final PciFunction physical;
  private final List<PciFunction> functions;
  private final ConfigSpace config;
  private final int offset;
  private PciBus bus;
  private int device;
  private int present;

  /** Those that another machine has. */
  private final BitSet lent = new BitSet();

  private IntConsumer lentGone = number -> {};

  /**
   * Adds the capability, before the physical function is plugged in.
   *
   * @param functions all alike, with BARs of at least 4 KiB; they become virtual
   * @param deviceId what systems are to take them for
   */
  public VirtualFunctions(PciFunction physical, List<PciFunction> functions, int deviceId) {
    if (functions.isEmpty() || functions.size() > MOST) {
      throw new IllegalArgumentException(functions.size() + " virtual functions");
    }
    this.physical = physical;
    this.functions = List.copyOf(functions);
    config = physical.config();
    AlternativeRouting.add(physical);
    functions.forEach(AlternativeRouting::add);
    offset = physical.addExtendedCapability(ID, 1, BYTES);
    config.setWritable(offset + CONTROL, 2, ENABLE | MEMORY | ARI_HIERARCHY);
    config.set(offset + INITIAL_VFS, 2, functions.size());
    config.set(offset + TOTAL_VFS, 2, functions.size());
    config.setWritable(offset + NUM_VFS, 2, 0xFFFF);
    config.set(offset + FIRST_OFFSET, 2, 1);
    config.set(offset + STRIDE, 2, 1);
    config.set(offset + VF_DEVICE_ID, 2, deviceId);
    config.set(offset + SUPPORTED_PAGE_SIZES, 4, PAGES_OF_4K);
    config.set(offset + SYSTEM_PAGE_SIZE, 4, PAGES_OF_4K);
    long[] sizes = functions.getFirst().barSizes();
    for (int bar = 0; bar < BARS; bar++) {
      config.setWritable(offset + VF_BAR0 + 4 * bar, 4, -sizes[bar]);
    }
    functions.forEach(PciFunction::becomeVirtual);
    physical.onConfigWrite((at, size) -> follow());
  }

  /** Says where the physical function, number 0 of its device, is plugged in. */
  public void plugged(PciBus at, int deviceNumber) {
    synchronized (physical) {
      bus = at;
      device = deviceNumber;
      follow();
    }
  }

  /** The function that has the capability. */
  public PciFunction physical() {
    return physical;
  }

  /** How many there are now. */
  public int present() {
    synchronized (physical) {
      return present;
    }
  }

  /**
   * Takes a function off the bus, for another machine to have it.
   *
   * @param gone learns that the function is no more, with its number; must not block
   * @return why not, in words for the user; empty if it is off
   */
  public Optional<String> lend(int number, IntConsumer gone) {
    synchronized (physical) {
      if (number >= present) {
        return Optional.of("its guest has made " + present + " virtual functions");
      }
      if (functions.get(number).isBusMaster()) {
        return Optional.of("its guest drives that function: unbind the driver there first");
      }
      int place = number + 1;
      bus.unplug(device + place / 8, place % 8);
      lent.set(number);
      lentGone = gone;
      return Optional.empty();
    }
  }

  /** Puts a function that was lent back onto the bus. */
  public void takeBack(int number) {
    synchronized (physical) {
      if (lent.get(number)) {
        lent.clear(number);
        int place = number + 1;
        bus.plug(device + place / 8, place % 8, functions.get(number));
        follow();
      }
    }
  }

  /** Called under the physical function's lock. */
  private void follow() {
    if (bus == null) {
      return;
    }
    long control = config.read(offset + CONTROL, 2);
    boolean enabled = (control & ENABLE) != 0;
    long wanted = enabled ? config.read(offset + NUM_VFS, 2) : 0;
    setPresent(wanted <= functions.size() ? (int) wanted : 0);
    config.setWritable(offset + NUM_VFS, 2, enabled ? 0 : 0xFFFF);
    for (int n = 0; n < present; n++) {
      functions.get(n).placeBars(places(n, (control & MEMORY) != 0));
    }
  }

  private void setPresent(int count) {
    while (present > count) {
      int number = present--;
      bus.unplug(device + number / 8, number % 8);
      if (lent.get(number - 1)) {
        lent.clear(number - 1);
        lentGone.accept(number - 1);
      }
    }
    while (present < count) {
      PciFunction function = functions.get(present++);
      bus.plug(device + present / 8, present % 8, function);
    }
  }

  private long[] places(int number, boolean on) {
    long[] sizes = functions.get(number).barSizes();
    long[] places = new long[BARS];
    for (int bar = 0; bar < BARS; bar++) {
      if (on && sizes[bar] != 0) {
        long base = config.read(offset + VF_BAR0 + 4 * bar, 4) & -sizes[bar];
        places[bar] = base == 0 ? 0 : base + number * sizes[bar];
      }
    }
    return places;
  }
}
