package dev.ringzero.vmm.schedule;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * Who runs on which physical CPU, and for how long: proportional shares by weight, with caps and
 * pins. The runnable vCPU that had the least time for its weight is next. One that was woken is
 * placed at most a slice ahead of the others, so that it runs at once, before those that always
 * run, but cannot save up the time it slept. A weight that no number of physical CPUs could satisfy
 * counts as a whole physical CPU (weight readjustment of surplus fair scheduling).
 *
 * <p>Times are nanoseconds of any clock that never goes back. Not for several threads at once.
 *
 * <p>Not modelled: shares are proportional among vCPUs that may run on the same physical CPUs;
 * weights of vCPUs with different pins are not balanced against each other. Caches of a physical
 * CPU are not considered.
 */
final class FairShare<E extends Entity> {
  private static final int NONE = -1;

  /** A slice is not cut for a vCPU that was woken and is ahead by less. */
  private static final double LEAST_LEAD_NANOS = 100_000;

  private final List<E> running = new ArrayList<>();
  private final long sliceNanos;
  private final TreeSet<E> ready = new TreeSet<>();
  private final List<Domain> capped = new ArrayList<>();
  private int entities;

  /** No runnable vCPU has had less; never goes back. */
  private double virtualNow;

  FairShare(int physicalCpus, long sliceNanos) {
    for (int cpu = 0; cpu < physicalCpus; cpu++) {
      running.add(null);
    }
    this.sliceNanos = sliceNanos;
  }

  Domain domain(ProcessorShare share, long now) {
    Domain domain = new Domain(share, now);
    if (domain.isCapped()) {
      capped.add(domain);
    }
    return domain;
  }

  /** A number for one more vCPU, by which those with the same claim are told apart. */
  int nextNumber() {
    return entities++;
  }

  /** Forgets a machine none of whose vCPUs is left. */
  void remove(Domain domain) {
    capped.remove(domain);
  }

  /**
   * Makes a vCPU ready that waited.
   *
   * @return the physical CPU that should look for work now, or -1 if none must
   */
  int wake(E entity, long now) {
    charge(now);
    entity.domain.runnable.add(entity);
    becomeReady(entity, now);
    reweigh();
    place(entity, virtualNow - sliceNanos / entity.weight);
    return entity.domain.isThrottled() ? NONE : placeFor(entity);
  }

  private int placeFor(Entity entity) {
    int place = NONE;
    double most = entity.virtualNanos;
    for (int cpu = 0; cpu < running.size(); cpu++) {
      if (!entity.domain.share.allows(cpu)) {
        continue;
      }
      Entity other = running.get(cpu);
      if (other == null) {
        return cpu;
      }
      if (other.virtualNanos - LEAST_LEAD_NANOS / other.weight > most) {
        most = other.virtualNanos - LEAST_LEAD_NANOS / other.weight;
        place = cpu;
      }
    }
    return place;
  }

  /** Begins a slice: the vCPU that now runs on this physical CPU; null if there is none. */
  E pick(int cpu, long now) {
    charge(now);
    refill(now);
    for (E entity : ready) {
      if (entity.domain.share.allows(cpu) && !entity.domain.isThrottled()) {
        ready.remove(entity);
        entity.state = Entity.State.RUNNING;
        entity.cpu = cpu;
        entity.sliceBegan = now;
        entity.chargedUntil = now;
        entity.waitedNanos += now - entity.readySince;
        entity.slices++;
        running.set(cpu, entity);
        return entity;
      }
    }
    return null;
  }

  /**
   * A physical CPU that runs nothing though a ready vCPU may run there: several may have been woken
   * for one physical CPU before it looked.
   *
   * @return -1 if there is none
   */
  int idleThoughWanted() {
    for (int cpu = 0; cpu < running.size(); cpu++) {
      if (running.get(cpu) == null && isWanted(cpu)) {
        return cpu;
      }
    }
    return NONE;
  }

  /** Ends a slice of a vCPU that could go on. */
  void putBack(E entity, long now) {
    leave(entity, now);
    becomeReady(entity, now);
    advance();
  }

  /** Ends a slice of a vCPU that waits. */
  void block(E entity, long now) {
    leave(entity, now);
    entity.state = Entity.State.BLOCKED;
    entity.domain.runnable.remove(entity);
    reweigh();
  }

  /** Ends the last slice of a vCPU. */
  void end(E entity, long now) {
    block(entity, now);
    entity.state = Entity.State.GONE;
  }

  private void becomeReady(E entity, long now) {
    entity.state = Entity.State.READY;
    entity.readySince = now;
    ready.add(entity);
  }

  private void leave(Entity entity, long now) {
    charge(now);
    running.set(entity.cpu, null);
    entity.cpu = Entity.NOWHERE;
  }

  /**
   * When a slice has to be cut at the latest, as things are: it is over and another could run here,
   * or its machine's cap is reached.
   *
   * @return Long.MAX_VALUE where nothing ends it
   */
  long sliceEnd(Entity entity, long now) {
    charge(now);
    refill(now);
    long wanted = isWanted(entity.cpu) ? now : nextRelease(entity.cpu);
    long end = Math.max(entity.sliceBegan + sliceNanos, wanted);
    if (entity.domain.isCapped()) {
      end = Math.min(end, now + entity.domain.allowanceNanos(runningOf(entity.domain)));
    }
    return end;
  }

  private boolean isWanted(int cpu) {
    for (Entity entity : ready) {
      if (entity.domain.share.allows(cpu) && !entity.domain.isThrottled()) {
        return true;
      }
    }
    return false;
  }

  private int runningOf(Domain domain) {
    int count = 0;
    for (Entity entity : running) {
      if (entity != null && entity.domain == domain) {
        count++;
      }
    }
    return count;
  }

  /** When a vCPU that its machine's cap holds may run again; Long.MAX_VALUE if there is none. */
  long nextRelease(int cpu) {
    long next = Long.MAX_VALUE;
    for (Domain domain : capped) {
      if (domain.isThrottled() && !domain.runnable.isEmpty() && domain.share.allows(cpu)) {
        next = Math.min(next, domain.nextPeriod());
      }
    }
    return next;
  }

  private void refill(long now) {
    boolean released = false;
    for (Domain domain : capped) {
      boolean held = domain.isThrottled();
      domain.refill(now);
      if (held && !domain.isThrottled()) {
        ready.stream()
            .filter(entity -> entity.domain == domain)
            .toList()
            .forEach(entity -> place(entity, virtualNow));
        released = true;
      }
    }
    if (released) {
      reweigh();
    }
  }

  /** Lets a vCPU forget what it could have had while it slept or a cap held it. */
  private void place(E entity, double earliest) {
    ready.remove(entity);
    entity.virtualNanos = Math.max(entity.virtualNanos, earliest);
    ready.add(entity);
  }

  /** Accounts what ran until now. */
  void charge(long now) {
    boolean throttled = false;
    for (Entity entity : running) {
      if (entity != null && now > entity.chargedUntil) {
        long ran = now - entity.chargedUntil;
        entity.chargedUntil = now;
        entity.ranNanos += ran;
        entity.virtualNanos += ran / entity.weight;
        if (entity.domain.isCapped()) {
          boolean before = entity.domain.isThrottled();
          entity.domain.spend(ran);
          throttled |= entity.domain.isThrottled() != before;
        }
      }
    }
    if (throttled) {
      reweigh();
    }
    advance();
  }

  private void advance() {
    double least = Double.MAX_VALUE;
    for (Entity entity : running) {
      if (entity != null) {
        least = Math.min(least, entity.virtualNanos);
      }
    }
    for (Entity entity : ready) {
      if (!entity.domain.isThrottled()) {
        least = Math.min(least, entity.virtualNanos);
        break;
      }
    }
    if (least != Double.MAX_VALUE) {
      virtualNow = Math.max(virtualNow, least);
    }
  }

  /** Gives each runnable vCPU its weight among the others, none more than a physical CPU. */
  private void reweigh() {
    List<Entity> all = new ArrayList<>();
    for (Entity entity : ready) {
      addWithWeight(all, entity);
    }
    for (Entity entity : running) {
      if (entity != null) {
        addWithWeight(all, entity);
      }
    }
    all.sort(Comparator.comparingDouble((Entity entity) -> entity.weight).reversed());
    double rest = all.stream().mapToDouble(entity -> entity.weight).sum();
    int greedy = 0;
    int cpus = running.size();
    while (cpus > 1 && greedy < all.size() && all.get(greedy).weight * cpus > rest) {
      rest -= all.get(greedy++).weight;
      cpus--;
    }
    double whole = greedy < all.size() ? rest / cpus : 1;
    for (int n = 0; n < all.size(); n++) {
      Entity entity = all.get(n);
      entity.weight = n < greedy ? 1 : entity.weight / whole;
    }
  }

  private static void addWithWeight(List<Entity> all, Entity entity) {
    Domain domain = entity.domain;
    if (!domain.isThrottled()) {
      entity.weight = (double) domain.share.weight() / domain.runnable.size();
      all.add(entity);
    }
  }
}
