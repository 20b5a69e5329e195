package dev.ringzero.vmm.schedule;

import java.util.ArrayList;
import java.util.List;

/** Physical CPUs and vCPUs without threads, in a time of their own, that follow the policy. */
final class Simulation {
  static final long MILLI = 1_000_000;

  private final FairShare<Guest> policy;
  private final Guest[] running;
  private final List<Guest> guests = new ArrayList<>();
  private long now;

  Simulation(int physicalCpus, long sliceNanos) {
    policy = new FairShare<>(physicalCpus, sliceNanos);
    running = new Guest[physicalCpus];
  }

  /** A vCPU that always has something to do. */
  Guest busy(ProcessorShare share) {
    return busy(policy.domain(share, now));
  }

  Guest busy(Domain domain) {
    return add(new Guest(policy.nextNumber(), domain, Long.MAX_VALUE / 4, 0));
  }

  Domain domain(ProcessorShare share) {
    return policy.domain(share, now);
  }

  /** One that works for a while, sleeps, and works again. */
  Guest interactive(ProcessorShare share, long workNanos, long sleepNanos) {
    return add(new Guest(policy.nextNumber(), policy.domain(share, now), workNanos, sleepNanos));
  }

  private Guest add(Guest guest) {
    guests.add(guest);
    guest.wakesAt = now;
    return guest;
  }

  void run(long nanos) {
    long until = now + nanos;
    while (now < until) {
      wakeSleepers();
      for (int cpu = 0; cpu < running.length; cpu++) {
        fill(cpu);
      }
      now = Math.min(until, nextEvent());
      for (int cpu = 0; cpu < running.length; cpu++) {
        settle(cpu);
      }
    }
    policy.charge(now);
  }

  private void wakeSleepers() {
    for (Guest guest : guests) {
      if (guest.state == Entity.State.BLOCKED && guest.wakesAt <= now) {
        guest.leftNanos = guest.workNanos;
        guest.readyAt = now;
        int cpu = policy.wake(guest, now);
        if (cpu >= 0 && running[cpu] != null) {
          account(running[cpu]);
          policy.putBack(running[cpu], now);
          running[cpu] = null;
        }
      }
    }
  }

  private void fill(int cpu) {
    if (running[cpu] == null) {
      Guest next = policy.pick(cpu, now);
      running[cpu] = next;
      if (next != null) {
        next.ranUntil = now;
        if (next.readyAt >= 0) {
          next.worstLatency = Math.max(next.worstLatency, now - next.readyAt);
          next.readyAt = -1;
        }
      }
    }
  }

  private long nextEvent() {
    long next = Long.MAX_VALUE;
    for (int cpu = 0; cpu < running.length; cpu++) {
      Guest guest = running[cpu];
      next =
          Math.min(
              next,
              guest == null
                  ? policy.nextRelease(cpu)
                  : Math.min(policy.sliceEnd(guest, now), now + guest.leftNanos));
    }
    for (Guest guest : guests) {
      if (guest.state == Entity.State.BLOCKED) {
        next = Math.min(next, guest.wakesAt);
      }
    }
    return Math.max(next, now + 1);
  }

  private void settle(int cpu) {
    Guest guest = running[cpu];
    if (guest == null) {
      return;
    }
    account(guest);
    if (guest.leftNanos <= 0) {
      policy.block(guest, now);
      guest.wakesAt = now + guest.sleepNanos;
      running[cpu] = null;
    } else if (policy.sliceEnd(guest, now) <= now) {
      policy.putBack(guest, now);
      running[cpu] = null;
    }
  }

  private void account(Guest guest) {
    guest.leftNanos -= now - guest.ranUntil;
    guest.ranUntil = now;
  }

  /** A vCPU with work and sleep. */
  static final class Guest extends Entity {
    private final long workNanos;
    private final long sleepNanos;
    private long leftNanos;
    private long wakesAt;
    private long ranUntil;
    private long readyAt = -1;
    private long worstLatency;

    private Guest(int number, Domain domain, long workNanos, long sleepNanos) {
      super(number, domain);
      this.workNanos = workNanos;
      this.sleepNanos = sleepNanos;
    }

    double ranMillis() {
      return (double) ranNanos / MILLI;
    }

    /** The longest time between being woken and running. */
    double worstLatencyMillis() {
      return (double) worstLatency / MILLI;
    }
  }
}
