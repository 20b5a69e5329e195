package dev.ringzero.kvm;

/**
 * What other threads want of a vCPU, and how they get it out of KVM_RUN: the run page's flag makes
 * an entry that is about to happen return, a signal one that happened.
 */
final class VcpuSignals {
  private final RunPage page;
  private volatile boolean stop;
  private volatile boolean nmi;

  /** The thread in KVM_RUN, 0 if none. */
  private volatile int runner;

  private boolean closed;

  VcpuSignals(RunPage page) {
    this.page = page;
  }

  void requestStop() {
    stop = true;
    kick();
  }

  void requestNmi() {
    nmi = true;
    kick();
  }

  void kick() {
    synchronized (page) {
      if (!closed) {
        page.immediateExit(true);
      }
    }
    int thread = runner;
    if (thread != 0) {
      Kick.send(thread);
    }
  }

  boolean stopWanted() {
    return stop;
  }

  boolean takeStop() {
    boolean wanted = stop;
    stop = false;
    return wanted;
  }

  boolean nmiWanted() {
    return nmi;
  }

  boolean takeNmi() {
    boolean wanted = nmi;
    nmi = false;
    return wanted;
  }

  void nmi(boolean wanted) {
    nmi = wanted;
  }

  void entering(int thread) {
    runner = thread;
  }

  void left() {
    runner = 0;
  }

  /** The run page goes away. */
  void close() {
    synchronized (page) {
      closed = true;
      HostCalls.unmap(page.memory());
    }
  }
}
