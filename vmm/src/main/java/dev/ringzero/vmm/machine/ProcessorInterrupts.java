package dev.ringzero.vmm.machine;

import dev.ringzero.devices.ioapic.IoApic;
import dev.ringzero.engine.CpuSignals;
import dev.ringzero.engine.InterruptLine;
import dev.ringzero.engine.InterruptSource;
import dev.ringzero.engine.MsiTarget;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.memory.IoBus;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.IntSupplier;

/** The local APICs of a machine as its board and processors see them. */
interface ProcessorInterrupts {
  /** Where interrupt messages go. */
  MsiTarget messages();

  /** The wire of the 8259s, at the boot processor. */
  InterruptLine lint0();

  /** Where ExtINT interrupts get their vector: acknowledges the 8259s. */
  void externalController(IntSupplier acknowledge);

  /** Who learns of an EOI for a level-triggered interrupt. */
  void onEndOfInterrupt(IntConsumer listener);

  /** Who wants to know what the pins of the I/O APIC are set to. */
  IoApic.Redirections redirections();

  /** What a processor asks over its INTR pin. */
  InterruptSource sourceOf(int processor);

  /** The buses as one processor sees them. */
  IoBus busOf(int processor, IoBus shared);

  /** The model-specific registers of the local APICs. */
  MsrBus msrs();

  /** Connects a processor; until then signals go nowhere. */
  void connect(int processor, CpuSignals signals);

  /** Whether a processor begins by itself, and not when another starts it. */
  boolean beginsAtOnce(int processor);

  List<Stateful> units();
}
