package dev.ringzero.engine;

import dev.ringzero.engine.state.Stateful;
import dev.ringzero.x86.ExitReason;
import java.util.List;

/**
 * One virtual CPU in non-root mode. All methods but {@link #requestStop()}, {@link
 * #interruptPending()} and {@link #nonMaskableInterrupt()} are called by one thread at a time, the
 * vCPU's owner of the moment; different threads may take turns.
 */
public interface VirtualCpu extends Stateful {
  /** Number of this vCPU, from 0; also its initial APIC ID. */
  int id();

  /**
   * Enters non-root mode and runs the guest until an event for which the monitor must act. Port and
   * MMIO accesses complete inside, through the IoBus; interrupts are taken inside, from the
   * InterruptSource.
   *
   * @return the reason, also in {@link #exit()}
   */
  ExitReason run();

  /** The last exit. */
  VmExit exit();

  /** Makes {@link #run()} return STOP_REQUESTED soon. Any thread. Sticky until run() returned. */
  void requestStop();

  /** Tells the vCPU to look at its InterruptSource again. Any thread. */
  void interruptPending();

  /** Raises an NMI. Any thread. */
  void nonMaskableInterrupt();

  /** Whether an interrupt or NMI would end a HLT now. Any thread. */
  boolean wakes();

  /**
   * The SMI pin. Without a system-management mode there is nothing but a guest's monitor to see.
   */
  default void systemManagementInterrupt() {}

  /**
   * Sets who is told, on any thread, that {@link #wakes()} may have become true for a reason of the
   * vCPU's own.
   */
  default void onWake(Runnable listener) {}

  /** What a vCPU makes of a signal on its INIT pin. */
  enum InitSignal {
    /** It is reset, and waits for a startup signal. */
    RESETS,
    /** It is the vCPU's own affair. */
    TAKEN,
    /** It waits until the vCPU leaves the state that blocks it. */
    BLOCKED
  }

  /** A signal on the INIT pin, before anything comes of it. */
  default InitSignal initSignal() {
    return InitSignal.RESETS;
  }

  /** A startup signal, before anything comes of it; whether it is the vCPU's own affair. */
  default boolean startupSignal(int vector) {
    return false;
  }

  /** Puts the vCPU into its state after RESET, or after INIT where {@code init}. */
  void reset(boolean init);

  /** Moves RIP past the instruction that caused the last exit, and ends its interrupt shadow. */
  void skipInstruction();

  /**
   * Delivers an exception to the guest at the next entry.
   *
   * @param errorCode pushed if the vector has one
   */
  void injectException(int vector, int errorCode);

  /**
   * Makes the processor walk tables that the monitor keeps, from linear to machine addresses (VMX
   * without EPT), and no longer the guest's and the second-level table. Their entries have the
   * format of 4-level paging and {@link dev.ringzero.x86.MonitorEntry}, with accessed and dirty
   * bits set.
   *
   * <p>From the first call on, page faults return EXCEPTION_OR_NMI; {@link #run()} returns
   * CR_ACCESS after an instruction or event that may choose other tables, and before it goes on the
   * monitor must call this again; it returns INVLPG or INVPCID after translations were invalidated.
   * Accesses outside RAM, by entries for devices, complete inside as ever.
   *
   * @param hpa machine address of the top table; 0 to be asked with CR_ACCESS at the next entry
   * @throws UnsupportedOperationException if the engine cannot
   */
  void tableRoot(long hpa);

  /**
   * Makes every exception return EXCEPTION_OR_NMI, and INT n, SYSCALL and SYSENTER their own
   * reasons, before any handler of the guest's is entered: for a guest that runs at CPL 3 only.
   *
   * @throws UnsupportedOperationException if the engine cannot
   */
  void eventsExit(boolean on);

  /** Sets who is asked first of a SYSCALL that would exit; an engine may leave it unasked. */
  default void shortCalls(ShortCalls calls) {}

  /**
   * Makes the processor walk a guest's own 4-level tables as they are: their entries hold machine
   * addresses, and the monitor has validated all that is reachable. Accessed and dirty bits are set
   * in them.
   *
   * @param hpa machine address of the top table
   * @param lower what cached translations of the lower half of the addresses are told apart by,
   *     from 0 to 4095; it is for the monitor to know when tables that share a tag map the same
   * @param upper the same for the upper half, another tag
   * @throws UnsupportedOperationException if the engine cannot
   */
  void directRoot(long hpa, int lower, int upper);

  /** Drops the cached translations with a tag of {@link #directRoot}. */
  void dropTag(int tag);

  /** Drops the cached translations of a page for the current address space. */
  void invalidatePage(long gva);

  /** Drops all cached translations. */
  void flushTranslations();

  /**
   * Gives the page fault of the last exit to the guest, as its own.
   *
   * @param errorCode as the guest's own tables make it
   * @return false if it came while a double fault was delivered: the guest must shut down
   */
  boolean reflectPageFault(long linear, int errorCode);

  long register(Register register);

  void register(Register register, long value);

  /** A segment or descriptor-table register, by its number in {@link SegmentState}. */
  SegmentState segment(int number);

  void segment(int number, SegmentState state);

  /** Reads a model-specific register that the engine itself holds. */
  long msr(int index);

  void msr(int index, long value);

  /** What the guest's time-stamp counter is ahead of {@link Clock#tsc()}, in ticks. */
  long tscOffset();

  ExitCounters exits();

  /** Exits of guests of the guest to it. */
  default InnerExits innerExits() {
    return InnerExits.NONE;
  }

  CpuStatistics statistics();

  /** Gives back, soon, what is kept to be faster and takes memory. Any thread. */
  default void trim() {}

  /**
   * The translations that hold the instruction at a linear address, as the guest's own tables map
   * it now; none where the engine does not translate. Only while the vCPU stands still.
   */
  default List<TranslatedBlock> translations(long gva) {
    return List.of();
  }

  /**
   * Translates a linear address as the guest's own tables do now, without side effects.
   *
   * @return the gpa, or -1 where nothing is mapped
   */
  long translate(long gva);

  /**
   * Sets the linear addresses at which {@link #run()} returns MONITOR_DEBUG before it runs the
   * instruction there; the first instruction after an entry is exempt. The guest cannot see them.
   */
  void breakpoints(long[] gvas);

  /** Makes {@link #run()} return MONITOR_DEBUG after each instruction or delivered event. */
  void singleStep(boolean on);

  /** Reports to this tracer from now on, null for none. A traced vCPU may be much slower. */
  void trace(Tracer tracer);
}
