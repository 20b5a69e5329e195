package dev.ringzero.vmm.xen.device;

import dev.ringzero.memory.MachineMemory;

/**
 * A ring of requests and responses in a frame that the guest has granted. Its positions are the
 * guest's to write and never trusted: a ring whose positions are out of bounds is used no more.
 *
 * @spec Xen public/io/ring.h
 */
final class SharedRing {
  private static final int REQUESTS_PRODUCED = 0;
  private static final int REQUEST_EVENT = 4;
  private static final int RESPONSES_PRODUCED = 8;
  private static final int RESPONSE_EVENT = 12;
  private static final int ENTRIES = 64;
  private static final int PAGE_BYTES = 4096;

  private final long page;
  private final int entries;
  private final int entryBytes;
  private int consumed;
  private int produced;
  private int announced;
  private boolean broken;

  /** A ring with entries of so many bytes; a power of two of them fits. */
  SharedRing(long page, int entryBytes) {
    this.page = page;
    this.entryBytes = entryBytes;
    entries = Integer.highestOneBit((PAGE_BYTES - ENTRIES) / entryBytes);
    produced = word(RESPONSES_PRODUCED);
    consumed = produced;
    announced = produced;
  }

  private int word(int at) {
    return (int) MachineMemory.read32(page + at);
  }

  private void word(int at, int value) {
    MachineMemory.write32(page + at, value & 0xFFFF_FFFFL);
  }

  /** Whether the guest broke the rules of rings. */
  boolean isBroken() {
    return broken;
  }

  /** Requests that wait. */
  int waiting() {
    int waiting = word(REQUESTS_PRODUCED) - consumed;
    MachineMemory.fence();
    if (waiting < 0 || waiting > entries - (consumed - produced)) {
      broken = true;
    }
    return broken ? 0 : waiting;
  }

  /** Takes the next request of those that wait: a copy, which the guest changes no more. */
  void take(byte[] request) {
    MachineMemory.read(entry(consumed++), request, 0, request.length);
  }

  private long entry(int position) {
    return page + ENTRIES + (long) (position & entries - 1) * entryBytes;
  }

  /** Asks to be told of the next request; true if one has come meanwhile. */
  boolean sleep() {
    word(REQUEST_EVENT, consumed + 1);
    MachineMemory.fence();
    return waiting() > 0;
  }

  /** Puts the next response, which the guest sees with {@link #publish}. */
  void put(byte[] response) {
    MachineMemory.write(entry(produced++), response, 0, response.length);
  }

  /** Shows the responses; true if the guest wants to be told. */
  boolean publish() {
    if (produced == announced) {
      return false;
    }
    int before = announced;
    announced = produced;
    MachineMemory.fence();
    word(RESPONSES_PRODUCED, produced);
    MachineMemory.fence();
    return produced - word(RESPONSE_EVENT) < produced - before
        && produced - word(RESPONSE_EVENT) >= 0;
  }
}
