package dev.ringzero.kvm.vfio;

import java.util.List;
import java.util.function.IntConsumer;

/** A PCI function of the host, as a machine to which it is given needs it. */
public interface PassedFunction {
  /** BARs 0 to 5 are the first regions. */
  int BARS = 6;

  /** Such as 0000:03:00.0. */
  String address();

  /** How many bytes a BAR's region has; 0 for none. */
  long barBytes(int bar);

  /** How a function interrupts. */
  enum Signal {
    MSI(1),
    MSIX(2);

    /** {@code VFIO_PCI_MSI_IRQ_INDEX} and the like. */
    final int index;

    Signal(int index) {
      this.index = index;
    }
  }

  /** A piece of a BAR that a guest may reach without us. */
  record Area(long offset, long lengthBytes, long hostAddress) {}

  /** What of a BAR a guest may reach without us; whole pages. */
  List<Area> areas(int bar);

  /** How many vectors of a kind there are; 0 for none. */
  int vectors(Signal signal);

  long readConfig(int offset, int sizeBytes);

  void writeConfig(int offset, int sizeBytes, long value);

  /** Reads a region; all ones where the device does not answer. */
  long read(int region, long offset, int sizeBytes);

  void write(int region, long offset, int sizeBytes, long value);

  /**
   * Lets all vectors of a kind interrupt, and none of the other.
   *
   * @param signalled learns of each, with its number, on a thread of the device's own
   */
  void enableInterrupts(Signal signal, IntConsumer signalled);

  /** Takes all vectors back. */
  void disableInterrupts();

  /** Resets the function, if it can be reset alone. */
  void reset();
}
