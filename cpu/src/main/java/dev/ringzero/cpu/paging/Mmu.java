package dev.ringzero.cpu.paging;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.memory.GuestMemory;

/**
 * Memory as instructions see it: linear addresses, translated through the TLB, the guest's page
 * tables and the second-level table. Each access is one call whatever it crosses; a fault (#PF,
 * #GP, #SS for non-canonical addresses is the caller's choice of segment) or a VM exit is thrown
 * before anything is written.
 */
public final class Mmu {
  private final Cpu cpu;

  public Mmu(Cpu cpu) {
    this.cpu = cpu;
  }

  // Data accesses at the current privilege. Values are zero-extended.

  public long read8(long linear) {
    throw new UnsupportedOperationException();
  }

  public long read16(long linear) {
    throw new UnsupportedOperationException();
  }

  public long read32(long linear) {
    throw new UnsupportedOperationException();
  }

  public long read64(long linear) {
    throw new UnsupportedOperationException();
  }

  public void write8(long linear, long value) {
    throw new UnsupportedOperationException();
  }

  public void write16(long linear, long value) {
    throw new UnsupportedOperationException();
  }

  public void write32(long linear, long value) {
    throw new UnsupportedOperationException();
  }

  public void write64(long linear, long value) {
    throw new UnsupportedOperationException();
  }

  /** Faults or exits now if the range could not be written; used before multi-part writes. */
  public void probeWrite(long linear, int lengthBytes) {
    throw new UnsupportedOperationException();
  }

  /** Faults or exits now if the range could not be read. */
  public void probeRead(long linear, int lengthBytes) {
    throw new UnsupportedOperationException();
  }

  /** Reads 16 bytes as two longs into {@code destination[at]} (low) and {@code [at + 1]}. */
  public void read128(long linear, long[] destination, int at) {
    throw new UnsupportedOperationException();
  }

  public void read256(long linear, long[] destination, int at) {
    throw new UnsupportedOperationException();
  }

  public void write128(long linear, long[] source, int at) {
    throw new UnsupportedOperationException();
  }

  public void write256(long linear, long[] source, int at) {
    throw new UnsupportedOperationException();
  }

  /** Implicit supervisor accesses (descriptor tables, TSS, stacks of a more privileged level). */
  public long readSupervisor(long linear, int sizeBytes) {
    throw new UnsupportedOperationException();
  }

  public void writeSupervisor(long linear, int sizeBytes, long value) {
    throw new UnsupportedOperationException();
  }

  /**
   * Atomic compare-and-set at the current privilege, for locked instructions of 1, 2, 4 or 8 bytes,
   * at any alignment. Write permission is checked first.
   *
   * @return the value found; the exchange happened if it equals {@code expected}
   */
  public long compareAndExchange(long linear, int sizeBytes, long expected, long value) {
    throw new UnsupportedOperationException();
  }

  /** As {@link #compareAndExchange}, but an implicit supervisor access (descriptor and TSS bits). */
  public long compareAndExchangeSupervisor(long linear, int sizeBytes, long expected, long value) {
    throw new UnsupportedOperationException();
  }

  // What the system unit tells when state changes on which translation depends.

  /** CPL, RFLAGS.AC, CR0, CR4 or EFER has a new value; entries that stay valid need not go. */
  public void modeChanged() {}

  /** Drops all translations, global ones and those of other PCIDs included. */
  public void flushAll() {}

  /** Drops the translations of the current PCID that are not global, and paging-structure caches. */
  public void flushCurrent() {}

  /**
   * CR3 has a new value.
   *
   * @param flush whether the translations of the (new) PCID that are not global must go
   */
  public void rootChanged(boolean flush) {}

  /** INVLPG: drops the translations of one page, global or not, in the current PCID. */
  public void invalidatePage(long linear) {}

  /** INVPCID type 0: drops the translations of one page in one PCID that are not global. */
  public void invalidatePage(long linear, int pcid) {}

  /** INVPCID type 1: drops the translations of one PCID that are not global. */
  public void flushPcid(int pcid) {}

  /** INVPCID type 3: drops the translations of all PCIDs that are not global. */
  public void flushAllButGlobal() {}

  /** Loads the four PDPTEs that PAE paging keeps in registers; #GP(0) if one has reserved bits. */
  public void loadPdptes(long cr3) {}

  /**
   * Atomic exchange, for XCHG.
   *
   * @return the value before
   */
  public long exchange(long linear, int sizeBytes, long value) {
    throw new UnsupportedOperationException();
  }

  /**
   * Atomic addition, for XADD and its kin.
   *
   * @return the value before
   */
  public long getAndAdd(long linear, int sizeBytes, long addend) {
    throw new UnsupportedOperationException();
  }

  /**
   * CMPXCHG16B: compares 16 bytes with {@code operand[0..1]}; stores {@code operand[2..3]} if equal,
   * else loads the bytes found into {@code operand[0..1]}.
   *
   * @param locked whether other processors must see it as one access
   */
  public boolean compareAndExchange128(long linear, long[] operand, boolean locked) {
    throw new UnsupportedOperationException();
  }

  // What the processor's loop calls.

  /** Connects to the guest-physical space; once, before anything else. */
  public void attach(GuestMemory memory) {
    throw new UnsupportedOperationException();
  }

  /** Before guest code runs on this thread. */
  public void enter() {
    throw new UnsupportedOperationException();
  }

  /** When guest code no longer runs on this thread: always, in a finally block. */
  public void leave() {
    throw new UnsupportedOperationException();
  }

  /** Serves what other processors asked for; at least at every block of instructions. */
  public void poll() {
    throw new UnsupportedOperationException();
  }

  /** Machine address of the code at {@code linear}, for execution; faults or exits. */
  public long fetch(long linear) {
    throw new UnsupportedOperationException();
  }

  /**
   * Grows whenever a machine address from {@link #fetch} may no longer hold: new mode, CR3, control
   * bits, invalidation, revocation.
   */
  public int fetchEpoch() {
    throw new UnsupportedOperationException();
  }

  /** The gpa that the guest's tables give for an address, without side effects, or -1. */
  public long translate(long linear) {
    throw new UnsupportedOperationException();
  }

  /** Misses of the TLB so far: page walks. */
  public long tlbMisses() {
    throw new UnsupportedOperationException();
  }

  /** Table entries read by page walks so far, in both dimensions. */
  public long walkReferences() {
    throw new UnsupportedOperationException();
  }
}
