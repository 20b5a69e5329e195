package dev.ringzero.kvm;

import dev.ringzero.engine.Clock;
import dev.ringzero.engine.ExitCounters;
import dev.ringzero.memory.IoBus;
import dev.ringzero.x86.ExitReason;

/** Completes the guest's accesses of devices, as KVM tells of them in the run page. */
final class DeviceExits {
  private final RunPage page;
  private final IoBus io;
  private final Clock clock;
  private final ExitCounters exits;

  DeviceExits(RunPage page, IoBus io, Clock clock, ExitCounters exits) {
    this.page = page;
    this.io = io;
    this.clock = clock;
    this.exits = exits;
  }

  /** IN, OUT and the string instructions of ports, which may come many at once. */
  void port() {
    long start = clock.nanoTime();
    int port = page.ioPort();
    int size = page.ioSize();
    long offset = page.ioDataOffset();
    for (int left = page.ioCount(); left > 0; left--) {
      if (page.ioIsOut()) {
        io.writePort(port, size, page.value(offset, size));
      } else {
        page.value(offset, size, io.readPort(port, size));
      }
      offset += size;
    }
    exits.add(ExitReason.IO_INSTRUCTION, clock.nanoTime() - start);
  }

  void memory() {
    long start = clock.nanoTime();
    long gpa = page.mmioGpa();
    int length = page.mmioLength();
    if (Integer.bitCount(length) == 1) {
      access(gpa, page.mmioDataOffset(), length);
    } else {
      for (int i = 0; i < length; i++) {
        access(gpa + i, page.mmioDataOffset() + i, 1);
      }
    }
    exits.add(ExitReason.MMIO, clock.nanoTime() - start);
  }

  private void access(long gpa, long offset, int size) {
    if (page.mmioIsWrite()) {
      io.write(gpa, size, page.value(offset, size));
    } else {
      page.value(offset, size, io.read(gpa, size));
    }
  }
}
