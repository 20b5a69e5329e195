package dev.ringzero.vmm.machine;

import dev.ringzero.devices.pci.ConfigSpace;
import dev.ringzero.devices.pci.Msi;
import dev.ringzero.devices.pci.Msix;
import dev.ringzero.devices.pci.PciDevice;
import dev.ringzero.devices.pci.PciExpress;
import dev.ringzero.devices.pci.PciFunction;
import dev.ringzero.devices.pci.PciIdentity;
import dev.ringzero.devices.pci.PciRegister;
import dev.ringzero.engine.MsiTarget;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.kvm.vfio.PassedFunction;
import dev.ringzero.kvm.vfio.PassedFunction.Signal;
import dev.ringzero.memory.MmioDevice;
import dev.ringzero.memory.PortDevice;
import java.util.ArrayList;
import java.util.List;

/**
 * A function of the host as a function of the machine: identity, BARs and capabilities of its own
 * are the host's, the places of BARs and the table of interrupts are the machine's. What of its
 * BARs the host lets us map, the guest reaches without an exit.
 *
 * <p>Not modelled: devices that need INTx, expansion ROMs, extended capabilities, state that can be
 * saved.
 */
final class HostDevice implements PciDevice {
  /** A system property that hides MSI-X, to try MSI with a device that has both. */
  private static final String MSI_ALONE = "ringzero.vfio.msi";

  private static final int MSI = 0x05;
  private static final int EXPRESS = 0x10;
  private static final int MSIX = 0x11;
  private static final int MOST_CAPABILITIES = 48;
  private static final int COMMAND_BITS =
      PciRegister.COMMAND_IO | PciRegister.COMMAND_MEMORY | PciRegister.COMMAND_MASTER;
  private static final int VENDOR_SPECIFIC = 0x09;
  private static final int MOST_MSI = 32;
  private static final int SMALL_BYTES = 8; // of a capability whose length is not known

  private final PassedFunction device;
  private final PciFunction function;
  private final BarMemory direct;
  private final Msix msix;
  private final Msi msi;
  private final List<Passed> passed = new ArrayList<>();
  private Signal interrupting;

  /** Memory of devices that a guest reaches without an exit. */
  interface BarMemory {
    /** Whether it is there now; where it is not, accesses are exits. */
    boolean add(long gpa, long lengthBytes, long hostAddress);

    void remove(long gpa);
  }

  /** A piece of configuration space that is the host's, at another place. */
  private record Passed(int guestOffset, int hostOffset, int lengthBytes) {
    boolean overlaps(int offset, int sizeBytes) {
      return offset < guestOffset + lengthBytes && offset + sizeBytes > guestOffset;
    }
  }

  /** Shows a device of the host, which reaches the machine's RAM already. */
  HostDevice(PassedFunction device, MsiTarget messages, BarMemory direct) {
    this.device = device;
    this.direct = direct;
    function = new PciFunction("host-" + device.address(), identity(device));
    int free = addBars();
    PciExpress.add(function, PciExpress.Type.ROOT_COMPLEX_ENDPOINT);
    int table = Boolean.getBoolean(MSI_ALONE) ? 0 : device.vectors(Signal.MSIX);
    msix = table > 0 && free >= 0 ? new Msix(function, free, table, messages) : null;
    int vectors = Integer.highestOneBit(Math.min(MOST_MSI, device.vectors(Signal.MSI)));
    msi = vectors > 0 ? new Msi(function, vectors, messages) : null;
    addCapabilities();
    function.onConfigRead(this::refresh);
    function.onConfigWrite(this::written);
    function.onReset(this::reset);
  }

  private static PciIdentity identity(PassedFunction device) {
    return new PciIdentity(
        (int) device.readConfig(PciRegister.VENDOR_ID, 2),
        (int) device.readConfig(PciRegister.DEVICE_ID, 2),
        (int) device.readConfig(PciRegister.REVISION_ID, 1),
        (int) device.readConfig(PciRegister.CLASS_CODE, 3 + 1) & 0xFF_FFFF,
        (int) device.readConfig(PciRegister.SUBSYSTEM_VENDOR_ID, 2),
        (int) device.readConfig(PciRegister.SUBSYSTEM_ID, 2));
  }

  /** Adds what the device has; gives a BAR that is free for the table of interrupts, or -1. */
  private int addBars() {
    int free = -1;
    for (int bar = 0; bar < PassedFunction.BARS; bar++) {
      int register = (int) device.readConfig(PciRegister.BAR0 + 4 * bar, 4);
      long bytes = device.barBytes(bar);
      boolean wide =
          (register & (PciRegister.BAR_IO | PciRegister.BAR_64_BIT)) == PciRegister.BAR_64_BIT;
      if (bytes == 0) {
        free = bar;
      } else if ((register & PciRegister.BAR_IO) != 0) {
        function.addPortBar(bar, (int) bytes, ports(bar));
      } else {
        int flags = register & (PciRegister.BAR_64_BIT | PciRegister.BAR_PREFETCHABLE);
        function.addMemoryBar(bar, Math.max(16, Long.highestOneBit(bytes)), flags, memory(bar));
        follow(bar);
        bar += wide ? 1 : 0;
      }
    }
    return free;
  }

  private void follow(int bar) {
    List<PassedFunction.Area> areas = device.areas(bar);
    List<Long> places = new ArrayList<>();
    if (areas.isEmpty()) {
      return;
    }
    function.onMove(
        bar,
        base -> {
          places.forEach(direct::remove);
          places.clear();
          if (base >= 0) {
            sendCommand();
          }
          for (int i = 0; base >= 0 && i < areas.size(); i++) {
            long gpa = base + areas.get(i).offset();
            if (direct.add(gpa, areas.get(i).lengthBytes(), areas.get(i).hostAddress())) {
              places.add(gpa);
            }
          }
        });
  }

  /** Tells the device what the guest lets it do. */
  private void sendCommand() {
    long command = function.config().read(PciRegister.COMMAND, 2) & COMMAND_BITS;
    device.writeConfig(PciRegister.COMMAND, 2, command);
  }

  private MmioDevice memory(int bar) {
    return new MmioDevice() {
      @Override
      public long read(long offset, int sizeBytes) {
        return device.read(bar, offset, sizeBytes);
      }

      @Override
      public void write(long offset, int sizeBytes, long value) {
        device.write(bar, offset, sizeBytes, value);
      }
    };
  }

  private PortDevice ports(int bar) {
    return new PortDevice() {
      @Override
      public long readPort(int offset, int sizeBytes) {
        return device.read(bar, offset, sizeBytes);
      }

      @Override
      public void writePort(int offset, int sizeBytes, long value) {
        device.write(bar, offset, sizeBytes, value);
      }
    };
  }

  /** All but those that the machine makes itself. */
  private void addCapabilities() {
    int at = (int) device.readConfig(PciRegister.CAPABILITIES_POINTER, 1) & 0xFC;
    for (int seen = 0; at >= 0x40 && seen < MOST_CAPABILITIES; seen++) {
      int id = (int) device.readConfig(at, 1);
      int length = id == VENDOR_SPECIFIC ? (int) device.readConfig(at + 2, 1) : SMALL_BYTES;
      if (id != MSI && id != EXPRESS && id != MSIX && at + length <= 0x100 && length > 2) {
        int guest = function.addCapability(id, length);
        passed.add(new Passed(guest + 2, at + 2, length - 2));
        for (int i = 2; i < length; i++) {
          function.config().setWritable(guest + i, 1, 0xFF);
        }
      }
      at = (int) device.readConfig(at + 1, 1) & 0xFC;
    }
  }

  private void refresh(int offset, int sizeBytes) {
    for (Passed piece : passed) {
      if (piece.overlaps(offset, sizeBytes)) {
        for (int i = 0; i < piece.lengthBytes; i++) {
          function
              .config()
              .set(piece.guestOffset + i, 1, device.readConfig(piece.hostOffset + i, 1));
        }
      }
    }
  }

  private void written(int offset, int sizeBytes) {
    if (offset < PciRegister.STATUS) {
      sendCommand();
    }
    for (Passed piece : passed) {
      if (sizeBytes < ConfigSpace.BYTES && piece.overlaps(offset, sizeBytes)) {
        int within = Math.max(0, offset - piece.guestOffset);
        device.writeConfig(
            piece.hostOffset + within, sizeBytes, function.config().read(offset, sizeBytes));
      }
    }
    followInterrupts();
  }

  private void followInterrupts() {
    Signal wanted = wanted();
    if (wanted != interrupting) {
      interrupting = wanted;
      switch (wanted) {
        case MSIX -> device.enableInterrupts(wanted, msix::signal);
        case MSI -> device.enableInterrupts(wanted, msi::signal);
        case null -> device.disableInterrupts();
      }
    }
  }

  private Signal wanted() {
    if (msix != null && msix.isEnabled()) {
      return Signal.MSIX;
    }
    return msi != null && msi.isEnabled() ? Signal.MSI : null;
  }

  private void reset() {
    interrupting = null;
    device.disableInterrupts();
    device.reset();
  }

  @Override
  public PciFunction function() {
    return function;
  }

  @Override
  public List<Stateful> units() {
    return List.of();
  }

  @Override
  public void awaitIdle() {}
}
