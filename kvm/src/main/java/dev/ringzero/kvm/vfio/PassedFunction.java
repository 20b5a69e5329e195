package dev.ringzero.kvm.vfio;

import java.util.function.IntConsumer;

/** A PCI function of the host, as a machine to which it is given needs it. */
public interface PassedFunction {
  /** BARs 0 to 5 are the first regions. */
  int BARS = 6;

  /** Such as 0000:03:00.0. */
  String address();

  /** How many bytes a BAR's region has; 0 for none. */
  long barBytes(int bar);

  /** How many MSI-X vectors there are; 0 for none. */
  int vectors();

  long readConfig(int offset, int sizeBytes);

  void writeConfig(int offset, int sizeBytes, long value);

  /** Reads a region; all ones where the device does not answer. */
  long read(int region, long offset, int sizeBytes);

  void write(int region, long offset, int sizeBytes, long value);

  /**
   * Lets all MSI-X vectors interrupt.
   *
   * @param signalled learns of each, with its number, on a thread of the device's own
   */
  void enableInterrupts(IntConsumer signalled);

  /** Takes all vectors back. */
  void disableInterrupts();

  /** Resets the function, if it can be reset alone. */
  void reset();
}
