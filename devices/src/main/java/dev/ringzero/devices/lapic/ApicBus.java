package dev.ringzero.devices.lapic;

import dev.ringzero.engine.MsiTarget;
import java.util.function.IntConsumer;

/**
 * What connects the local APICs of a machine with each other and with the sources of interrupt
 * messages: it finds out whom a message addresses. Any thread; holds no lock while it delivers.
 *
 * @spec Intel SDM Vol. 3A, "Determining IPI Destination" and "Message Signalled Interrupts"
 */
public final class ApicBus implements MsiTarget {
  /** Bits 31:20 of every message address. */
  private static final long MSI_WINDOW = 0xFEE;

  private static final long REDIRECTION_HINT = 1 << 3;
  private static final long LOGICAL_MODE = 1 << 2;

  private final LocalApic[] apics;
  private volatile IntConsumer endOfInterrupt = vector -> {};
  private volatile int lastLowestPriority;

  /**
   * Makes a bus for processors with APIC IDs 0 to {@code processors - 1}; each {@link LocalApic}
   * puts itself on it.
   */
  public ApicBus(int processors) {
    this.apics = new LocalApic[processors];
  }

  void attach(LocalApic apic) {
    apics[apic.id()] = apic;
  }

  /** Who learns of an EOI for a level-triggered interrupt: the IOAPIC. */
  public void onEndOfInterrupt(IntConsumer listener) {
    endOfInterrupt = listener;
  }

  void endOfInterrupt(int vector) {
    endOfInterrupt.accept(vector);
  }

  @Override
  public void send(long address, int data) {
    if (address >>> 20 != MSI_WINDOW) {
      return;
    }
    long message = data & 0xC7FFL;
    if ((address & LOGICAL_MODE) != 0) {
      message |= ApicMessage.LOGICAL;
      if ((address & REDIRECTION_HINT) != 0
          && ApicMessage.deliveryMode(message) == DeliveryMode.FIXED) {
        message |= DeliveryMode.LOWEST_PRIORITY << 8;
      }
    }
    deliver(ApicMessage.withShortDestination(message, (int) (address >>> 12) & 0xFF));
  }

  /** Delivers a message to all whom it addresses, or to one of them for lowest priority. */
  void deliver(long message) {
    if (ApicMessage.deliveryMode(message) == DeliveryMode.LOWEST_PRIORITY) {
      deliverToLowest(message);
      return;
    }
    int destination = ApicMessage.destination(message);
    if (!ApicMessage.isLogical(message) && destination != ApicMessage.BROADCAST) {
      if (destination >= 0 && destination < apics.length) {
        apics[destination].accept(message);
      }
      return;
    }
    for (LocalApic apic : apics) {
      if (addresses(message, apic)) {
        apic.accept(message);
      }
    }
  }

  /** Delivers a message to every APIC but one. */
  void deliverToOthers(LocalApic sender, long message) {
    for (LocalApic apic : apics) {
      if (apic != sender) {
        apic.accept(message);
      }
    }
  }

  private static boolean addresses(long message, LocalApic apic) {
    int destination = ApicMessage.destination(message);
    if (destination == ApicMessage.BROADCAST) {
      return true;
    }
    return ApicMessage.isLogical(message)
        ? apic.matchesLogical(destination)
        : destination == apic.id();
  }

  private void deliverToLowest(long message) {
    int start = lastLowestPriority + 1;
    LocalApic best = null;
    for (int i = 0; i < apics.length; i++) {
      LocalApic apic = apics[(start + i) % apics.length];
      if (addresses(message, apic)
          && apic.acceptsFixed()
          && (best == null || apic.processorPriority() < best.processorPriority())) {
        best = apic;
      }
    }
    if (best != null) {
      lastLowestPriority = best.id();
      best.accept(message);
    }
  }
}
