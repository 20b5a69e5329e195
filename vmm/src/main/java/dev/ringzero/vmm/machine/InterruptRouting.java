package dev.ringzero.vmm.machine;

import dev.ringzero.devices.ioapic.IoApic;
import dev.ringzero.devices.pic.Pic;
import dev.ringzero.engine.InterruptLine;

/** Which inputs of the 8259s and of the I/O APIC the wires of the board lead to. */
final class InterruptRouting {
  private static final int ISA_INTERRUPTS = 16;

  private final Pic pic;
  private final IoApic ioApic;

  InterruptRouting(Pic pic, IoApic ioApic) {
    this.pic = pic;
    this.ioApic = ioApic;
  }

  /** The wire of an ISA interrupt: both controllers see it. */
  InterruptLine isa(int irq) {
    InterruptLine legacy = pic.line(irq);
    InterruptLine modern = ioApic.line(irq == 0 ? BoardLayout.TIMER_GSI : irq);
    return asserted -> {
      legacy.set(asserted);
      modern.set(asserted);
    };
  }

  /** The wire of an interrupt of either kind. */
  InterruptLine any(int number) {
    return number < ISA_INTERRUPTS ? isa(number) : gsi(number);
  }

  /** The wire at a pin of the I/O APIC. */
  InterruptLine gsi(int pin) {
    return ioApic.line(pin);
  }

  /** The wires of PCI's interrupt pins, which only the I/O APIC sees. */
  InterruptLine[] pci() {
    InterruptLine[] wires = new InterruptLine[4];
    for (int i = 0; i < wires.length; i++) {
      wires[i] = ioApic.line(BoardLayout.PCI_FIRST_GSI + i);
    }
    return wires;
  }
}
