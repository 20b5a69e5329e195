package dev.ringzero.devices.iommu;

import static dev.ringzero.devices.iommu.Iommu.TABLE_ADDRESS;

import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.memory.GuestMemory;

/**
 * What software asks the unit to forget: by commands in registers, and by descriptors in a queue,
 * one step at a time. Under the unit's lock.
 *
 * <p>Not modelled: invalidations of less than everything.
 *
 * @spec Intel VT-d 4.1, "Invalidation of Translation Caches"
 */
final class Invalidations {
  private static final int CCMD = 0x28;
  private static final int IQH = 0x80;
  private static final int IQT = 0x88;
  private static final int IQA = 0x90;
  private static final int ICS = 0x9C;
  static final int IVA = 0xF0;
  private static final int IOTLB = 0xF8;

  private static final int DESCRIPTOR_BYTES = 16;
  private static final int TYPE = 0xF;
  private static final int CONTEXT = 1; // types
  private static final int TLB = 2;
  private static final int DEVICE_TLB = 3;
  private static final int INTERRUPT_ENTRIES = 4;
  private static final int WAIT = 5;
  private static final int WAIT_INTERRUPT = 1 << 4; // IF
  private static final int WAIT_STATUS = 1 << 5; // SW

  private static final long BUSY = 1L << 63; // CCMD.ICC, IOTLB.IVT
  private static final long QUEUE_OFFSET = 0x7_FFF0;
  private static final long QUEUE_ADDRESS = TABLE_ADDRESS | 7;
  private static final long LEAST_QUEUE_BYTES = 4096;

  private final GuestMemory memory;
  private final EventMessage completion;

  private long contextCommand;
  private long tlbCommand;
  private long queueAddress;
  private long queueHead;
  private long queueTail;
  private boolean failed;
  private boolean completed;

  /** One thing to do: the command in a register, or a descriptor. */
  record Step(Kind kind, long low, long high) {
    /** What a step is. */
    enum Kind {
      NONE,
      COMMAND,
      FORGET,
      WAIT,
      WRONG
    }

    static final Step NONE = new Step(Kind.NONE, 0, 0);
    static final Step COMMAND = new Step(Kind.COMMAND, 0, 0);
    static final Step WRONG = new Step(Kind.WRONG, 0, 0);

    /** Whether cached translations are to go, and accesses that began before to end. */
    boolean forgets() {
      return kind == Kind.COMMAND || kind == Kind.FORGET;
    }

    boolean isWrong() {
      return kind == Kind.WRONG;
    }
  }

  /**
   * Makes the registers.
   *
   * @param completion tells that a wait descriptor was reached
   */
  Invalidations(GuestMemory memory, EventMessage completion) {
    this.memory = memory;
    this.completion = completion;
  }

  /** Reads a register of eight bytes; 0 if it is none of these. */
  long read(int at) {
    return switch (at) {
      case CCMD -> contextCommand;
      case IQH -> queueHead;
      case IQT -> queueTail;
      case IQA -> queueAddress;
      case ICS & ~7 -> (completed ? 1L : 0) << 32;
      case IOTLB -> tlbCommand;
      default -> 0;
    };
  }

  /**
   * Writes half of a register, if it is one of these.
   *
   * @return whether there may be something to do now
   */
  boolean write(int at, int value) {
    switch (at) {
      case CCMD -> contextCommand = Iommu.lower(contextCommand, value);
      case CCMD + 4 -> contextCommand = Iommu.upper(contextCommand, value);
      case IQT -> queueTail = value & QUEUE_OFFSET;
      case IQA -> queueAddress = Iommu.lower(queueAddress, value) & QUEUE_ADDRESS;
      case IQA + 4 -> queueAddress = Iommu.upper(queueAddress, value) & QUEUE_ADDRESS;
      case ICS -> {
        completed &= (value & 1) == 0;
        completion.settle();
      }
      case IOTLB -> tlbCommand = Iommu.lower(tlbCommand, value);
      case IOTLB + 4 -> tlbCommand = Iommu.upper(tlbCommand, value);
      default -> {}
    }
    return at == IQT || (at == CCMD + 4 || at == IOTLB + 4) && value < 0;
  }

  /** The queue is off: it will begin at its first descriptor. */
  void rewind() {
    queueHead = 0;
  }

  /** Whether the queue stands still at a descriptor that is wrong. */
  boolean hasFailed() {
    return failed;
  }

  /** Lets the queue go on. */
  void goOn() {
    failed = false;
  }

  /**
   * What is to be done next.
   *
   * @param queued whether the queue is on
   */
  Step next(boolean queued) {
    if (contextCommand < 0 || tlbCommand < 0) {
      return Step.COMMAND;
    }
    if (!queued || failed || queueHead == queueTail) {
      return Step.NONE;
    }
    long at = (queueAddress & TABLE_ADDRESS) + queueHead;
    boolean outside = queueHead >= queueBytes() || queueTail >= queueBytes();
    if (outside || !memory.isRam(at, DESCRIPTOR_BYTES)) {
      return Step.WRONG;
    }
    long low = memory.read64(at);
    return switch ((int) low & TYPE) {
      case CONTEXT, TLB, DEVICE_TLB, INTERRUPT_ENTRIES -> new Step(Step.Kind.FORGET, low, 0);
      case WAIT -> new Step(Step.Kind.WAIT, low, memory.read64(at + 8));
      default -> Step.WRONG;
    };
  }

  private long queueBytes() {
    return LEAST_QUEUE_BYTES << (int) (queueAddress & 7);
  }

  /** Ends a step that was done; gives whether there is more to do. */
  boolean finish(Step step) {
    switch (step.kind()) {
      case NONE -> {
        return false;
      }
      case WRONG -> {
        failed = true;
        return false;
      }
      case COMMAND -> {
        endCommands();
        return true;
      }
      case FORGET -> {}
      case WAIT -> complete(step);
    }
    queueHead += DESCRIPTOR_BYTES;
    if (queueHead >= queueBytes()) {
      queueHead = 0;
    }
    return true;
  }

  /** What was asked for is granted as a whole: the actual granularity is the one asked for. */
  private void endCommands() {
    if (contextCommand < 0) {
      long asked = contextCommand >>> 61 & 3;
      contextCommand = contextCommand & ~(BUSY | 3L << 59) | asked << 59;
    }
    if (tlbCommand < 0) {
      long asked = tlbCommand >>> 60 & 3;
      tlbCommand = tlbCommand & ~(BUSY | 3L << 57) | asked << 57;
    }
  }

  private void complete(Step step) {
    if ((step.low() & WAIT_STATUS) != 0) {
      memory.write32(step.high() & ~3L, step.low() >>> 32);
    }
    if ((step.low() & WAIT_INTERRUPT) != 0 && !completed) {
      completed = true;
      completion.raise();
    }
  }

  void save(StateWriter out) {
    out.writeLong(contextCommand);
    out.writeLong(tlbCommand);
    out.writeLong(queueAddress);
    out.writeLong(queueHead);
    out.writeLong(queueTail);
    out.writeBoolean(failed);
    out.writeBoolean(completed);
  }

  void restore(StateReader in) {
    contextCommand = in.readLong();
    tlbCommand = in.readLong();
    queueAddress = in.readLong() & QUEUE_ADDRESS;
    queueHead = in.readLong() & QUEUE_OFFSET;
    queueTail = in.readLong() & QUEUE_OFFSET;
    failed = in.readBoolean();
    completed = in.readBoolean();
  }
}
