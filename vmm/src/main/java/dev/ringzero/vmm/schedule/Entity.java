package dev.ringzero.vmm.schedule;

/**
 * A vCPU in the eyes of the scheduler. Only {@link FairShare} changes it.
 *
 * <p>Its virtual time is the time it ran, divided by its weight: who has the least is next.
 */
class Entity implements Comparable<Entity> {
  enum State {
    BLOCKED,
    READY,
    RUNNING,
    GONE
  }

  static final int NOWHERE = -1;

  final int number;
  final Domain domain;
  State state = State.BLOCKED;

  /** Of those that are runnable now; 1 is a whole physical CPU's at most. */
  double weight = 1;

  double virtualNanos;

  /** The physical CPU on which it runs. */
  int cpu = NOWHERE;

  /** When its slice began. */
  long sliceBegan;

  /** Until when what it ran is accounted. */
  long chargedUntil;

  long readySince;
  long ranNanos;
  long waitedNanos;
  long slices;

  Entity(int number, Domain domain) {
    this.number = number;
    this.domain = domain;
  }

  @Override
  public int compareTo(Entity other) {
    int byTime = Double.compare(virtualNanos, other.virtualNanos);
    return byTime != 0 ? byTime : Integer.compare(number, other.number);
  }
}
