package dev.ringzero.vmm.machine;

import java.util.Locale;

/** When what a guest writes to a disk has to be durable. */
public enum DiskCache {
  /** When the guest flushes. */
  WRITEBACK,
  /** When the write is acknowledged. */
  WRITETHROUGH,
  /** Some time; a failure of the host may damage the guest's file systems. */
  UNSAFE;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
