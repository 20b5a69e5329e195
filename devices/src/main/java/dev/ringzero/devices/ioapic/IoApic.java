package dev.ringzero.devices.ioapic;

import dev.ringzero.engine.InterruptLine;
import dev.ringzero.engine.MsiTarget;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.memory.MmioDevice;

/**
 * The I/O APIC with 24 pins: turns wires into interrupt messages, which have the format of MSIs.
 *
 * <p>Not modelled: polarity (a wire is asserted or not), the arbitration ID.
 *
 * @spec Intel 82093AA I/O APIC datasheet; Intel I/O Controller Hub datasheet, "EOIR: EOI Register"
 */
public final class IoApic implements MmioDevice, Stateful {
  public static final int PINS = 24;

  /** Bytes of the register window. */
  public static final int WINDOW_BYTES = 0x1000;

  private static final int IOREGSEL = 0x00; // I/O Register Select
  private static final int IOWIN = 0x10; // I/O Window
  private static final int EOIR = 0x40; // EOI

  private static final int IOAPICID = 0x00;
  private static final int IOAPICVER = 0x01;
  private static final int IOAPICARB = 0x02;
  private static final int IOREDTBL = 0x10;

  private static final int VERSION = (PINS - 1) << 16 | 0x20;

  private static final long LOGICAL = 1 << 11; // DESTMOD
  private static final long REMOTE_IRR = 1 << 14;
  private static final long LEVEL = 1 << 15; // Trigger Mode
  private static final long MASKED = 1 << 16;
  private static final long READ_ONLY = REMOTE_IRR | 1 << 12; // and DELIVS
  private static final long WRITABLE = 0xFFFF_0000_0001_FFFFL & ~READ_ONLY;

  /**
   * @spec Intel VT-d, "I/OxAPIC Programming"
   */
  private static final long REMAPPABLE = 1L << 48;

  private static final long MSI_ADDRESS = 0xFEE0_0000L;

  private final MsiTarget messages;
  private final Redirections listener;
  private final long[] redirection = new long[PINS];
  private int asserted;
  private int select;
  private int id;

  /** Learns which message each pin sends. */
  @FunctionalInterface
  public interface Redirections {
    /** For those who need not know. */
    Redirections NOBODY = (pin, address, data) -> {};

    /** A pin was set up, or masked: these are the address and the data of its message. */
    void set(int pin, long address, int data);
  }

  /**
   * Makes an I/O APIC with all pins masked.
   *
   * @param messages where interrupts go
   */
  public IoApic(MsiTarget messages) {
    this(messages, Redirections.NOBODY);
  }

  /**
   * Makes an I/O APIC with all pins masked.
   *
   * @param listener who wants to know what pins are set to
   */
  public IoApic(MsiTarget messages, Redirections listener) {
    this.messages = messages;
    this.listener = listener;
    reset();
  }

  /** The state after RESET; wires keep their levels. */
  public synchronized void reset() {
    for (int pin = 0; pin < PINS; pin++) {
      redirection[pin] = MASKED;
    }
    select = 0;
    id = 0;
  }

  /** The wire at a pin. */
  public InterruptLine line(int pin) {
    if (pin < 0 || pin >= PINS) {
      throw new IllegalArgumentException("no I/O APIC pin " + pin);
    }
    return level -> drive(pin, level);
  }

  private synchronized void drive(int pin, boolean level) {
    boolean before = (asserted >>> pin & 1) != 0;
    if (before == level) {
      return;
    }
    asserted ^= 1 << pin;
    if (level) {
      request(pin);
    }
  }

  /** Sends the interrupt of an asserted pin, unless it is masked or still in service. */
  private void request(int pin) {
    long entry = redirection[pin];
    if ((entry & MASKED) != 0) {
      return;
    }
    if ((entry & LEVEL) != 0) {
      if ((entry & REMOTE_IRR) != 0) {
        return;
      }
      redirection[pin] |= REMOTE_IRR;
    }
    messages.send(address(entry), data(entry));
  }

  /** In the format for remapping an entry names another one, of the IOMMU's table. */
  private static long address(long entry) {
    if ((entry & REMAPPABLE) != 0) {
      long index = entry >>> 49 & 0x7FFF;
      return MSI_ADDRESS | index << 5 | 1 << 4 | (entry >>> 11 & 1) << 2;
    }
    return MSI_ADDRESS | (entry >>> 56) << 12 | (entry & LOGICAL) >>> 9;
  }

  private static int data(long entry) {
    return (int) (entry & 0x87FF) | 1 << 14;
  }

  private void tell(int pin) {
    listener.set(pin, address(redirection[pin]), data(redirection[pin]));
  }

  /** Ends the service of level-triggered interrupts with this vector. */
  public synchronized void endOfInterrupt(int vector) {
    for (int pin = 0; pin < PINS; pin++) {
      long entry = redirection[pin];
      if ((entry & (LEVEL | REMOTE_IRR)) == (LEVEL | REMOTE_IRR) && (entry & 0xFF) == vector) {
        redirection[pin] &= ~REMOTE_IRR;
        if ((asserted >>> pin & 1) != 0) {
          request(pin);
        }
      }
    }
  }

  @Override
  public synchronized long read(long offset, int sizeBytes) {
    return switch ((int) offset) {
      case IOREGSEL -> select;
      case IOWIN -> readSelected() & 0xFFFF_FFFFL;
      default -> 0;
    };
  }

  @Override
  public synchronized void write(long offset, int sizeBytes, long value) {
    switch ((int) offset) {
      case IOREGSEL -> select = (int) value & 0xFF;
      case IOWIN -> writeSelected((int) value);
      case EOIR -> endOfInterrupt((int) value & 0xFF);
      default -> {}
    }
  }

  private int readSelected() {
    return switch (select) {
      case IOAPICID, IOAPICARB -> id;
      case IOAPICVER -> VERSION;
      default -> {
        int pin = (select - IOREDTBL) >> 1;
        if (pin < 0 || pin >= PINS) {
          yield 0;
        }
        yield (int) ((select & 1) == 0 ? redirection[pin] : redirection[pin] >>> 32);
      }
    };
  }

  private void writeSelected(int value) {
    if (select == IOAPICID) {
      id = value & 0x0F00_0000;
      return;
    }
    int pin = (select - IOREDTBL) >> 1;
    if (pin >= 0 && pin < PINS) {
      writeRedirection(pin, value);
    }
  }

  private void writeRedirection(int pin, int value) {
    long before = redirection[pin];
    long entry =
        (select & 1) == 0
            ? before & ~0xFFFF_FFFFL | value & 0xFFFF_FFFFL
            : before & 0xFFFF_FFFFL | (long) value << 32;
    entry &= WRITABLE;
    // Switching to edge triggering clears Remote IRR: how systems end an interrupt by force.
    if ((entry & LEVEL) != 0) {
      entry |= before & REMOTE_IRR;
    }
    redirection[pin] = entry;
    tell(pin);
    if ((entry & LEVEL) != 0 && (asserted >>> pin & 1) != 0) {
      request(pin);
    }
  }

  @Override
  public String stateName() {
    return "ioapic";
  }

  @Override
  public int stateVersion() {
    return 1;
  }

  @Override
  public synchronized void save(StateWriter out) {
    out.writeLongs(redirection);
    out.writeInt(asserted);
    out.writeInt(select);
    out.writeInt(id);
  }

  @Override
  public synchronized void restore(StateReader in, int version) {
    if (version != 1) {
      throw new StateException("I/O APIC state of version " + version);
    }
    in.readLongs(redirection);
    asserted = in.readInt() & (1 << PINS) - 1;
    select = in.readInt() & 0xFF;
    id = in.readInt();
    for (int pin = 0; pin < PINS; pin++) {
      tell(pin);
    }
  }
}
