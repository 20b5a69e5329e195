package dev.ringzero.devices.igb;

import dev.ringzero.engine.Clock;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * Causes, masks and vectors. With MSI-X a cause sets a bit of EICR, and a bit that is not masked
 * sends a message, no more often than EITR lets it. Without, all causes share one vector or the
 * pin.
 *
 * <p>Not modelled: low latency interrupts, the TCP timer.
 *
 * @spec Intel 82576EB Gigabit Ethernet Controller Datasheet, "Interrupts"
 */
final class Interrupts {
  static final int VECTORS = 25;
  static final int VECTORS_A_FUNCTION = 3;
  private static final int ALL_VECTORS = (1 << VECTORS) - 1;

  private static final int MULTIPLE_MSIX = 1 << 4; // GPIE
  private static final int AUTO_MASK = 1 << 30; // GPIE: EIAME

  private static final int VALID = 0x80; // IVAR
  private static final int VECTOR = 0x1F; // IVAR
  private static final int INTERVAL = 0x7FFC; // EITR, quarters of a microsecond
  private static final int NANOS_A_QUARTER = 250;

  private static final int[] NO_CAUSES = {Register.ICR, Register.IMS, Register.IAM};
  private static final int[] NO_EXTENDED_CAUSES = {
    Register.EICR, Register.EIMS, Register.EIAC, Register.EIAM, Register.GPIE, Register.IVAR_MISC
  };

  private final RegisterFile registers;
  private final Clock clock;
  private final IntConsumer messages;
  private final Runnable legacy;
  private final long[] quietUntilNanos = new long[VECTORS];
  private final Clock.Alarm[] alarms = new Clock.Alarm[VECTORS];

  /** Bits of EICR and EIMS for which the message was sent. */
  private int sent;

  private int virtualFunctions;

  /**
   * Makes the unit.
   *
   * @param messages sends the message of a vector of the controller
   * @param legacy is told when the one line of those without MSI-X may have changed
   */
  Interrupts(RegisterFile registers, Clock clock, IntConsumer messages, Runnable legacy) {
    this.registers = registers;
    this.clock = clock;
    this.messages = messages;
    this.legacy = legacy;
  }

  synchronized void reset() {
    for (int offset : NO_CAUSES) {
      registers.set(offset, 0);
    }
    for (int offset : NO_EXTENDED_CAUSES) {
      registers.set(offset, 0);
    }
    registers.clear(Register.EITR, Register.EITR + 4 * VECTORS);
    registers.clear(Register.IVAR, Register.IVAR + 4 * Controller.POOLS);
    registers.clear(Register.VTIVAR, Register.VTIVAR_MISC + 4 * Controller.POOLS);
    sent = 0;
    for (int vector = 0; vector < VECTORS; vector++) {
      cancel(vector);
    }
  }

  private void cancel(int vector) {
    quietUntilNanos[vector] = 0;
    if (alarms[vector] != null) {
      alarms[vector].cancel();
      alarms[vector] = null;
    }
  }

  /** Forgets what the driver of a virtual function set up. */
  synchronized void forget(int function) {
    int vectors = 7 << firstVector(function);
    mask(vectors);
    acknowledge(vectors);
    registers.clearBits(Register.EIAC, vectors);
    registers.clearBits(Register.EIAM, vectors);
    registers.set(Register.VTIVAR + 4 * function, 0);
    registers.set(Register.VTIVAR_MISC + 4 * function, 0);
    for (int i = 0; i < VECTORS_A_FUNCTION; i++) {
      registers.set(Register.EITR + 4 * (firstVector(function) + i), 0);
      cancel(firstVector(function) + i);
    }
  }

  synchronized void virtualFunctions(int count) {
    virtualFunctions = count;
  }

  /** The first of the three vectors of a virtual function. */
  static int firstVector(int function) {
    return VECTORS - VECTORS_A_FUNCTION * (function + 1);
  }

  /** Something happened: bits of {@link Cause}. */
  void cause(int bits) {
    synchronized (this) {
      registers.setBits(Register.ICR, bits);
      if (usesVectors()) {
        followCauses(bits);
      }
    }
    followPin();
  }

  /** Called under the lock: causes that are not masked go to the vector of all others. */
  private void followCauses(int bits) {
    int entry = registers.get(Register.IVAR_MISC) >>> 8;
    if ((bits & registers.get(Register.IMS)) != 0 && (entry & VALID) != 0) {
      raise(1 << (entry & VECTOR));
    }
  }

  private boolean usesVectors() {
    return registers.has(Register.GPIE, MULTIPLE_MSIX);
  }

  private void followPin() {
    if (!usesVectors()) {
      legacy.run();
    }
  }

  /** Whether a cause waits that is not masked. */
  boolean isAsserted() {
    return registers.has(Register.ICR, registers.get(Register.IMS));
  }

  /** A queue got or sent something. */
  void queue(int queue, boolean transmits) {
    synchronized (this) {
      registers.setBits(Register.ICR, transmits ? Cause.TXDW : Cause.RXDW);
      if (usesVectors()) {
        int vector = vectorOf(queue, transmits);
        if (vector >= 0) {
          raise(1 << vector);
        }
        return;
      }
    }
    followPin();
  }

  private int vectorOf(int queue, boolean transmits) {
    int pool = queue % Controller.POOLS;
    int shift = (queue >= Controller.POOLS ? 16 : 0) + (transmits ? 8 : 0);
    if (pool < virtualFunctions) {
      return virtualVector(pool, registers.get(Register.VTIVAR + 4 * pool) >>> shift);
    }
    int entry = registers.get(Register.IVAR + 4 * pool) >>> shift;
    return (entry & VALID) != 0 ? entry & VECTOR : -1;
  }

  private static int virtualVector(int function, int entry) {
    int vector = entry & 3;
    boolean valid = (entry & VALID) != 0 && vector < VECTORS_A_FUNCTION;
    return valid ? firstVector(function) + vector : -1;
  }

  /** The mailbox of a function has something for it. */
  synchronized void mailbox(int function) {
    int vector = virtualVector(function, registers.get(Register.VTIVAR_MISC + 4 * function));
    if (vector >= 0) {
      raise(1 << vector);
    }
  }

  /** Sets bits of EICR. */
  synchronized void raise(int vectors) {
    registers.setBits(Register.EICR, vectors & ALL_VECTORS);
    send();
  }

  synchronized void acknowledge(int vectors) {
    registers.clearBits(Register.EICR, vectors);
    sent &= registers.get(Register.EICR);
  }

  synchronized int takeExtended(int vectors) {
    int causes = registers.get(Register.EICR) & vectors;
    acknowledge(causes);
    return causes;
  }

  synchronized void unmask(int vectors) {
    registers.setBits(Register.EIMS, vectors & ALL_VECTORS);
    send();
  }

  synchronized void mask(int vectors) {
    registers.clearBits(Register.EIMS, vectors);
    sent &= registers.get(Register.EIMS);
  }

  /** Called under the lock. */
  private void send() {
    int due = registers.get(Register.EICR) & registers.get(Register.EIMS) & ~sent;
    for (; due != 0; due &= due - 1) {
      int vector = Integer.numberOfTrailingZeros(due);
      if (!mustWait(vector)) {
        sendNow(vector);
      }
    }
  }

  private boolean mustWait(int vector) {
    if (alarms[vector] != null) {
      return true;
    }
    long now = clock.nanoTime();
    if (now < quietUntilNanos[vector]) {
      alarms[vector] = clock.schedule(quietUntilNanos[vector], () -> quietOver(vector));
      return true;
    }
    return false;
  }

  private synchronized void quietOver(int vector) {
    alarms[vector] = null;
    quietUntilNanos[vector] = 0;
    send();
  }

  private void sendNow(int vector) {
    int bit = 1 << vector;
    int interval = registers.get(Register.EITR + 4 * vector) & INTERVAL;
    quietUntilNanos[vector] =
        interval == 0 ? 0 : clock.nanoTime() + (long) interval * NANOS_A_QUARTER;
    sent |= bit;
    if (registers.has(Register.EIAC, bit)) {
      acknowledge(bit);
    }
    if (registers.has(Register.GPIE, AUTO_MASK) && registers.has(Register.EIAM, bit)) {
      mask(bit);
    }
    messages.accept(vector);
  }

  // Causes without vectors

  int readCauses() {
    int causes;
    synchronized (this) {
      int asserted = isAsserted() ? Cause.INTA : 0;
      causes = registers.take(Register.ICR) | asserted;
      if (asserted != 0) {
        registers.clearBits(Register.IMS, registers.get(Register.IAM));
      }
    }
    followPin();
    return causes;
  }

  void acknowledgeCauses(int bits) {
    registers.clearBits(Register.ICR, bits);
    followPin();
  }

  void unmaskCauses(int bits) {
    synchronized (this) {
      int before = registers.setBits(Register.IMS, bits & Cause.ALL);
      if (usesVectors()) {
        followCauses(registers.get(Register.ICR) & ~before);
      }
    }
    followPin();
  }

  void maskCauses(int bits) {
    registers.clearBits(Register.IMS, bits);
    followPin();
  }

  synchronized void save(StateWriter out) {
    out.writeInt(sent);
  }

  /** Sends what a pause held back when the controller was saved. */
  synchronized void resend() {
    send();
  }

  /** After the registers. */
  synchronized void restore(StateReader in) {
    Arrays.fill(quietUntilNanos, 0);
    for (int vector = 0; vector < VECTORS; vector++) {
      cancel(vector);
    }
    sent = in.readInt();
  }
}
