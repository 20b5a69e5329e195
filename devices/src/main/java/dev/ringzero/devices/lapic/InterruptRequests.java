package dev.ringzero.devices.lapic;

import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;

/**
 * Which interrupts a processor was asked for and which it serves, and what its priority lets pass.
 * Changes happen under the APIC's lock; {@link #isDeliverable()} and {@link #processorPriority()}
 * are read without.
 *
 * @spec Intel SDM Vol. 3A, "Acceptance of Interrupts" and "Task and Processor Priorities"
 */
final class InterruptRequests {
  private final VectorSet irr = new VectorSet();
  private final VectorSet isr = new VectorSet();
  private final VectorSet tmr = new VectorSet();
  private int tpr;
  private volatile int ppr;

  /** Whether an interrupt in IRR may be taken; follows every change of IRR, ISR and TPR. */
  private volatile boolean deliverable;

  void clear() {
    irr.clear();
    isr.clear();
    tmr.clear();
    tpr = 0;
    update();
  }

  void add(int vector, boolean levelTriggered) {
    irr.add(vector);
    tmr.put(vector, levelTriggered);
    update();
  }

  boolean isDeliverable() {
    return deliverable;
  }

  /** Takes the highest request into service; its vector, or {@link VectorSet#NONE}. */
  int acknowledge() {
    if (!deliverable) {
      return VectorSet.NONE;
    }
    int vector = irr.highest();
    irr.remove(vector);
    isr.add(vector);
    update();
    return vector;
  }

  /** Ends the service of the highest; its vector, or {@link VectorSet#NONE}. */
  int end() {
    int vector = isr.highest();
    if (vector != VectorSet.NONE) {
      isr.remove(vector);
      update();
    }
    return vector;
  }

  boolean isLevelTriggered(int vector) {
    return tmr.contains(vector);
  }

  int taskPriority() {
    return tpr;
  }

  void taskPriority(int value) {
    tpr = value & 0xFF;
    update();
  }

  int processorPriority() {
    return ppr;
  }

  private void update() {
    int inService = isr.highest();
    int inServiceClass = inService == VectorSet.NONE ? 0 : inService & 0xF0;
    ppr = (tpr & 0xF0) >= inServiceClass ? tpr : inServiceClass;
    int requested = irr.highest();
    deliverable = requested != VectorSet.NONE && requested >>> 4 > ppr >>> 4;
  }

  int irrWord(int index) {
    return irr.word(index);
  }

  int isrWord(int index) {
    return isr.word(index);
  }

  int tmrWord(int index) {
    return tmr.word(index);
  }

  void save(StateWriter out) {
    irr.save(out);
    isr.save(out);
    tmr.save(out);
    out.writeInt(tpr);
  }

  void restore(StateReader in) {
    irr.restore(in);
    isr.restore(in);
    tmr.restore(in);
    tpr = in.readInt() & 0xFF;
    update();
  }
}
