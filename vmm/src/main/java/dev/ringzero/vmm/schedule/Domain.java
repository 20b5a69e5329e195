package dev.ringzero.vmm.schedule;

import java.util.ArrayList;
import java.util.List;

/** A machine in the eyes of the scheduler: vCPUs that share a weight and a cap. */
final class Domain {
  /** Over which a cap is kept. */
  static final long PERIOD_NANOS = 20_000_000;

  private static final int PERCENT = 100;

  final ProcessorShare share;

  /** Those that run or could, whether the cap lets them or not. */
  final List<Entity> runnable = new ArrayList<>();

  private long periodBegan;

  /** What is left of the cap's time in this period; below 0 where it was overrun. */
  private long budgetNanos;

  Domain(ProcessorShare share, long nowNanos) {
    this.share = share;
    periodBegan = nowNanos;
    budgetNanos = perPeriod();
  }

  boolean isCapped() {
    return share.capPercent() != ProcessorShare.NO_CAP;
  }

  private long perPeriod() {
    return PERIOD_NANOS * share.capPercent() / PERCENT;
  }

  /** Gives the time of the periods that began since. */
  void refill(long nowNanos) {
    long periods = (nowNanos - periodBegan) / PERIOD_NANOS;
    if (isCapped() && periods > 0) {
      periodBegan += periods * PERIOD_NANOS;
      long most = perPeriod();
      budgetNanos = Math.min(most, budgetNanos + Math.min(periods, PERCENT) * most);
    }
  }

  void spend(long nanos) {
    budgetNanos -= nanos;
  }

  /** Whether the cap forbids it to run now. */
  boolean isThrottled() {
    return isCapped() && budgetNanos <= 0;
  }

  /** How long one of its vCPUs may run while all that run go on. */
  long allowanceNanos(int running) {
    return isCapped() ? Math.max(0, budgetNanos) / Math.max(1, running) : Long.MAX_VALUE;
  }

  /** When it gets time again. */
  long nextPeriod() {
    return periodBegan + PERIOD_NANOS;
  }
}
