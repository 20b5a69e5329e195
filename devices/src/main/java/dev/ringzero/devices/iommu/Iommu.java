package dev.ringzero.devices.iommu;

import dev.ringzero.engine.AgentRunner;
import dev.ringzero.engine.MsiTarget;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.memory.MmioDevice;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The registers of one remapping unit, for all functions of the machine. Invalidations are done by
 * an agent, which waits for the accesses that began before; cached translations are valid for one
 * generation, and each invalidation begins the next.
 *
 * <p>Not modelled: protected memory regions, write-buffer flushing (there is none), advanced fault
 * logging, page requests, scalable mode.
 *
 * @spec Intel VT-d 4.1, "Register Descriptions"
 */
public final class Iommu implements MmioDevice, Stateful {
  public static final int WINDOW_BYTES = 0x1000;

  /** Bits of the addresses that devices may use. */
  public static final int ADDRESS_BITS = 48;

  private static final int VER = 0x00;
  private static final int CAP = 0x08;
  private static final int ECAP = 0x10;
  private static final int GCMD = 0x18;
  private static final int GSTS = 0x1C;
  private static final int RTADDR = 0x20;
  private static final int FSTS = 0x34;
  private static final int FECTL = 0x38;
  private static final int IECTL = 0xA0;
  private static final int IRTA = 0xB8;
  private static final int FRCD = 0x220;

  private static final long CAPABILITY =
      6 // ND: 16 bits of domain numbers
          | 6L << 8 // SAGAW: 39 and 48 bits
          | (ADDRESS_BITS - 1L) << 16 // MGAW
          | (FRCD / 16L) << 24 // FRO
          | 3L << 34 // SLLPS: 2 MiB and 1 GiB
          | 1L << 39 // PSI
          | (FaultRecords.COUNT - 1L) << 40 // NFR
          | 18L << 48 // MAMV
          | 3L << 54; // DWD, DRD: invalidations wait for accesses
  private static final long EXTENDED_CAPABILITY =
      1 // C: tables are read coherently
          | 1 << 1 // QI
          | 1 << 3 // IR
          | 1 << 4 // EIM
          | 1 << 6 // PT
          | 1 << 7 // SC
          | (Invalidations.IVA / 16) << 8 // IRO
          | 15L << 20; // MHMV

  private static final int TRANSLATION = 1 << 31;
  private static final int SET_ROOT = 1 << 30;
  private static final int QUEUED = 1 << 26;
  private static final int REMAPPING = 1 << 25;
  private static final int SET_INTERRUPT_TABLE = 1 << 24;
  private static final int COMPATIBILITY = 1 << 23;
  private static final int KEPT = TRANSLATION | QUEUED | REMAPPING | COMPATIBILITY;

  private static final int QUEUE_ERROR = 1 << 4; // FSTS.IQE
  static final long TABLE_ADDRESS = 0x000F_FFFF_FFFF_F000L;

  private final GuestMemory memory;
  private final FaultRecords faults = new FaultRecords();
  private final FaultHistory history = new FaultHistory();
  private final EventMessage faultEvent;
  private final EventMessage completionEvent;
  private final InterruptRemapping interrupts;
  private final AccessGate accesses = new AccessGate();
  private final AtomicLong generation = new AtomicLong();
  private final DmaTables tables;
  private final Invalidations invalidations;
  private final AgentRunner.Waker invalidator;

  private int status;
  private long rootAddress;
  private long interruptAddress;
  private volatile long usedRoot;
  private volatile boolean translates;

  /**
   * Makes a unit that passes everything through, as after power-on.
   *
   * @param processors where interrupt messages go in the end
   */
  public Iommu(GuestMemory memory, MsiTarget processors, AgentRunner runner) {
    this.memory = memory;
    tables = new DmaTables(memory);
    faultEvent = new EventMessage(processors);
    completionEvent = new EventMessage(processors);
    invalidations = new Invalidations(memory, completionEvent);
    interrupts = new InterruptRemapping(memory, processors, this::refused);
    invalidator = runner.add("iommu", this::invalidate);
  }

  /** A way to memory and processors for one function. */
  public DmaPort port() {
    return new DmaPort(this, memory);
  }

  /** Leads messages of something that is no PCI function, such as an I/O APIC. */
  public MsiTarget messagesOf(int requesterId) {
    return (address, data) -> interrupts.send(requesterId, address, data);
  }

  AccessGate accesses() {
    return accesses;
  }

  InterruptRemapping interrupts() {
    return interrupts;
  }

  boolean translates() {
    return translates;
  }

  long generation() {
    return generation.get();
  }

  void walk(int requesterId, long address, DmaTables.Result result) {
    tables.walk(usedRoot, requesterId, address, result);
  }

  /** Records what was refused, and tells the guest. */
  void refused(Fault fault, int requesterId, long information, boolean write) {
    history.add(fault, requesterId, information, write);
    if (faults.record(fault, requesterId, information, write)) {
      synchronized (this) {
        faultEvent.raise();
      }
    }
  }

  /** How many accesses and messages of devices were refused. */
  public long refusals() {
    return faults.total();
  }

  /** What the unit is now, for people; while the machine stands still. */
  public synchronized IommuView view() {
    return new IommuView(
        translates,
        usedRoot,
        (status & QUEUED) != 0,
        (status & REMAPPING) != 0,
        interruptAddress & TABLE_ADDRESS,
        2 << (int) (interruptAddress & 0xF),
        translates ? new TableInspection(memory, usedRoot).domains() : new TreeMap<>(),
        faults.total(),
        history.recent());
  }

  /** How an address of a function is translated, for people; while the machine stands still. */
  public synchronized IommuView.Walk walk(int requesterId, long address) {
    return translates
        ? new TableInspection(memory, usedRoot).walk(requesterId, address)
        : new IommuView.Walk(
            List.of(), "0x%x, as it is: translation is off".formatted(address), true);
  }

  @Override
  public synchronized long read(long offset, int sizeBytes) {
    int at = (int) offset;
    long whole = readWhole(at & ~7);
    long value = whole >>> (at & 7) * 8;
    return sizeBytes == 8 ? value : value & (1L << sizeBytes * 8) - 1;
  }

  private long readWhole(int at) {
    if (at >= FRCD && at < FRCD + FaultRecords.BYTES) {
      return faults.read(at - FRCD);
    }
    return switch (at) {
      case VER -> 0x10;
      case CAP -> CAPABILITY;
      case ECAP -> EXTENDED_CAPABILITY;
      case GCMD -> (long) status << 32;
      case RTADDR -> rootAddress;
      case FSTS & ~7 -> (long) faultStatus() << 32;
      case FECTL -> faultEvent.readPair(0);
      case FECTL + 8 -> faultEvent.readPair(8);
      case IECTL -> completionEvent.readPair(0);
      case IECTL + 8 -> completionEvent.readPair(8);
      case IRTA -> interruptAddress;
      default -> invalidations.read(at);
    };
  }

  private int faultStatus() {
    return faults.status() | (invalidations.hasFailed() ? QUEUE_ERROR : 0);
  }

  @Override
  public synchronized void write(long offset, int sizeBytes, long value) {
    int at = (int) offset;
    if (sizeBytes == 8 && (at & 7) == 0) {
      write32(at, (int) value);
      write32(at + 4, (int) (value >>> 32));
    } else if (sizeBytes == 4 && (at & 3) == 0) {
      write32(at, (int) value);
    }
  }

  private void write32(int at, int value) {
    if (at >= FRCD && at < FRCD + FaultRecords.BYTES) {
      faults.write(at - FRCD, value);
      settleFaults();
      return;
    }
    switch (at) {
      case GCMD -> command(value);
      case RTADDR -> rootAddress = lower(rootAddress, value) & TABLE_ADDRESS;
      case RTADDR + 4 -> rootAddress = upper(rootAddress, value) & TABLE_ADDRESS;
      case FSTS -> clearFaults(value);
      case FECTL, FECTL + 4, FECTL + 8, FECTL + 12 -> faultEvent.write(at - FECTL, value);
      case IECTL, IECTL + 4, IECTL + 8, IECTL + 12 -> completionEvent.write(at - IECTL, value);
      case IRTA -> interruptAddress = lower(interruptAddress, value) & (TABLE_ADDRESS | 0x80F);
      case IRTA + 4 -> interruptAddress = upper(interruptAddress, value) & (TABLE_ADDRESS | 0x80F);
      default -> {
        if (invalidations.write(at, value)) {
          invalidator.wake();
        }
      }
    }
  }

  static long lower(long register, int value) {
    return register & 0xFFFF_FFFF_0000_0000L | value & 0xFFFF_FFFFL;
  }

  static long upper(long register, int value) {
    return register & 0xFFFF_FFFFL | (long) value << 32;
  }

  private void command(int value) {
    status = status & ~KEPT | value & KEPT;
    if ((value & SET_ROOT) != 0) {
      usedRoot = rootAddress;
      status |= SET_ROOT;
      generation.incrementAndGet();
    }
    if ((value & SET_INTERRUPT_TABLE) != 0) {
      useInterruptTable();
      status |= SET_INTERRUPT_TABLE;
    }
    if ((value & QUEUED) == 0) {
      invalidations.rewind();
    }
    follow();
    invalidator.wake();
  }

  private void useInterruptTable() {
    int count = 1 << (int) (interruptAddress & 0xF) + 1;
    interrupts.table(interruptAddress & TABLE_ADDRESS, count, (interruptAddress & 1 << 11) != 0);
  }

  private void follow() {
    translates = (status & TRANSLATION) != 0;
    interrupts.set((status & REMAPPING) != 0, (status & COMPATIBILITY) != 0);
  }

  private void clearFaults(int value) {
    if ((value & FaultRecords.OVERFLOW) != 0) {
      faults.clearOverflow();
    }
    if ((value & QUEUE_ERROR) != 0) {
      invalidations.goOn();
      invalidator.wake();
    }
    settleFaults();
  }

  private void settleFaults() {
    if ((faultStatus() & 0xFF) == 0) {
      faultEvent.settle();
    }
  }

  /** Does what was asked for by registers, and the queue up to its tail. */
  private boolean invalidate() {
    Invalidations.Step step;
    synchronized (this) {
      step = invalidations.next((status & QUEUED) != 0);
    }
    if (step.forgets()) {
      generation.incrementAndGet();
      try {
        accesses.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    synchronized (this) {
      boolean more = invalidations.finish(step);
      if (step.isWrong()) {
        faultEvent.raise();
      }
      return more;
    }
  }

  @Override
  public String stateName() {
    return "iommu";
  }

  @Override
  public int stateVersion() {
    return 1;
  }

  @Override
  public synchronized void save(StateWriter out) {
    out.writeInt(status);
    out.writeLong(rootAddress);
    out.writeLong(usedRoot);
    out.writeLong(interruptAddress);
    invalidations.save(out);
    faults.save(out);
    faultEvent.save(out);
    completionEvent.save(out);
  }

  @Override
  public synchronized void restore(StateReader in, int version) {
    if (version != 1) {
      throw new StateException("IOMMU state of version " + version);
    }
    status = in.readInt();
    rootAddress = in.readLong() & TABLE_ADDRESS;
    usedRoot = in.readLong() & TABLE_ADDRESS;
    interruptAddress = in.readLong() & (TABLE_ADDRESS | 0x80F);
    invalidations.restore(in);
    faults.restore(in);
    faultEvent.restore(in);
    completionEvent.restore(in);
    useInterruptTable();
    follow();
    generation.incrementAndGet();
    invalidator.wake();
  }
}
