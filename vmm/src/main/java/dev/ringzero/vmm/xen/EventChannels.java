package dev.ringzero.vmm.xen;

import dev.ringzero.memory.MachineMemory;
import dev.ringzero.vmm.xen.device.Grants;
import java.util.ArrayList;
import java.util.List;

/**
 * Event channels of a paravirtual VM, signalled by the two levels of bits in its shared page.
 * Thread-safe: timers and backends raise events on threads of their own.
 *
 * <p>Not modelled: channels between VMs, physical interrupts, FIFO channels.
 *
 * @spec Xen public/event_channel.h
 */
final class EventChannels {
  static final int VIRQ_TIMER = 0;
  static final int VIRQ_DEBUG = 1;

  private static final int PORTS = 4096;
  private static final int VIRQS = 24;

  private enum Use {
    FREE,
    VIRQ,
    IPI,
    /** The guest made it for a device, which is not connected. */
    UNBOUND,
    /** The other end is a device of the monitor's. */
    DEVICE,
    /** The other end is a part of the monitor that is always there. */
    BACKEND
  }

  private final SharedInfo shared;
  private final List<XenVcpu> vcpus = new ArrayList<>();
  private final Use[] uses = new Use[PORTS];
  private final int[] targets = new int[PORTS];
  private final int[] virqs = new int[PORTS];
  private final Runnable[] backends = new Runnable[PORTS];

  EventChannels(SharedInfo shared) {
    this.shared = shared;
    java.util.Arrays.fill(uses, Use.FREE);
  }

  synchronized void add(XenVcpu vcpu) {
    vcpus.add(vcpu);
  }

  private int allocate(Use use, int vcpu) {
    if (vcpu < 0 || vcpu >= vcpus.size()) {
      throw XenError.NO_ENTRY;
    }
    for (int port = 1; port < PORTS; port++) {
      if (uses[port] == Use.FREE) {
        uses[port] = use;
        targets[port] = vcpu;
        return port;
      }
    }
    throw XenError.NO_SPACE;
  }

  /** Makes a channel whose other end is in the monitor: what the guest sends runs {@code heard}. */
  synchronized int backend(Runnable heard) {
    int port = allocate(Use.BACKEND, 0);
    backends[port] = heard;
    return port;
  }

  /** Makes a channel to which a device may connect. */
  synchronized int allocateUnbound() {
    return allocate(Use.UNBOUND, 0);
  }

  /** Connects a device to a channel that the guest made for one; null if there is none. */
  synchronized Grants.Channel connect(int port, Runnable heard) {
    if (port < 1 || port >= PORTS || uses[port] != Use.UNBOUND) {
      return null;
    }
    uses[port] = Use.DEVICE;
    backends[port] = heard;
    return new Grants.Channel() {
      @Override
      public void signal() {
        synchronized (EventChannels.this) {
          if (backends[port] == heard) {
            raise(port);
          }
        }
      }

      @Override
      public void close() {
        synchronized (EventChannels.this) {
          if (backends[port] == heard) {
            backends[port] = null;
            uses[port] = Use.UNBOUND;
          }
        }
      }
    };
  }

  synchronized int bindVirq(int virq, int vcpu) {
    if (virq < 0 || virq >= VIRQS) {
      throw XenError.INVALID;
    }
    for (int port = 1; port < PORTS; port++) {
      if (uses[port] == Use.VIRQ && virqs[port] == virq && targets[port] == vcpu) {
        throw XenError.EXISTS;
      }
    }
    int port = allocate(Use.VIRQ, vcpu);
    virqs[port] = virq;
    return port;
  }

  synchronized int bindIpi(int vcpu) {
    return allocate(Use.IPI, vcpu);
  }

  synchronized void bindVcpu(int port, int vcpu) {
    check(port);
    if (vcpu < 0 || vcpu >= vcpus.size()) {
      throw XenError.NO_ENTRY;
    }
    if (uses[port] == Use.VIRQ || uses[port] == Use.IPI) {
      throw XenError.INVALID;
    }
    targets[port] = vcpu;
  }

  synchronized void close(int port) {
    check(port);
    if (uses[port] == Use.BACKEND) {
      throw XenError.INVALID;
    }
    uses[port] = Use.FREE;
    backends[port] = null;
    shared.clearEvent(port);
  }

  /** 0 for a free port, else a number for what it is bound to. */
  synchronized int status(int port) {
    if (port < 1 || port >= PORTS) {
      throw XenError.INVALID;
    }
    return switch (uses[port]) {
      case FREE -> 0;
      case UNBOUND -> 1;
      case DEVICE, BACKEND -> 2;
      case VIRQ -> 4;
      case IPI -> 5;
    };
  }

  private void check(int port) {
    if (port < 1 || port >= PORTS || uses[port] == Use.FREE) {
      throw XenError.INVALID;
    }
  }

  void send(int port) {
    Runnable heard;
    synchronized (this) {
      check(port);
      heard = backends[port];
      switch (uses[port]) {
        case IPI -> raise(port);
        case DEVICE, BACKEND, UNBOUND -> {}
        default -> throw XenError.INVALID;
      }
    }
    if (heard != null) {
      heard.run();
    }
  }

  synchronized void unmask(int port) {
    check(port);
    if (shared.unmask(port)) {
      vcpus.get(targets[port]).eventPending(port);
    }
  }

  /** Raises an event at the guest's end of a channel. Any thread. */
  synchronized void raise(int port) {
    if (uses[port] == Use.FREE) {
      return;
    }
    XenVcpu vcpu = vcpus.get(targets[port]);
    if (shared.setEvent(port)) {
      vcpu.eventPending(port);
    } else {
      vcpu.wakeIfPolling(); // a poll waits for masked events too
    }
  }

  /** Raises a virtual interrupt of a vCPU, if it is bound. Any thread. */
  synchronized void raiseVirq(int virq, int vcpu) {
    for (int port = 1; port < PORTS; port++) {
      if (uses[port] == Use.VIRQ && virqs[port] == virq && targets[port] == vcpu) {
        raise(port);
        return;
      }
    }
  }

  /** Whether any of these ports has an event, masked or not. */
  synchronized boolean anyPending(int[] ports) {
    for (int port : ports) {
      if (port < 0 || port >= PORTS) {
        throw XenError.INVALID;
      }
      if (shared.hasEvent(port)) {
        return true;
      }
    }
    return false;
  }

  /** The page that a paravirtual VM shares with its monitor, of which both write parts. */
  static final class SharedInfo {
    static final int VCPU_INFO_BYTES = 64;
    static final int MOST_VCPU_INFOS = 32;
    private static final int PENDING = 2048;
    private static final int MASK = 2560;
    private static final int WALL_CLOCK = 3072;
    private static final int MAX_PFN = 3088;

    private final long hpa;

    SharedInfo(long hpa) {
      this.hpa = hpa;
      for (int word = 0; word < PORTS / 64; word++) {
        MachineMemory.write64(hpa + MASK + word * 8L, -1);
      }
      for (int vcpu = 0; vcpu < MOST_VCPU_INFOS; vcpu++) {
        MachineMemory.write8(vcpuInfoHpa(vcpu) + XenVcpu.UPCALL_MASK, 1);
      }
    }

    long vcpuInfoHpa(int vcpu) {
      return hpa + vcpu * (long) VCPU_INFO_BYTES;
    }

    /** Wall-clock time of the VM's start. */
    void wallClock(long seconds, int nanos) {
      MachineMemory.write32(hpa + WALL_CLOCK + 4, seconds & 0xFFFF_FFFFL);
      MachineMemory.write32(hpa + WALL_CLOCK + 8, nanos);
      MachineMemory.write32(hpa + WALL_CLOCK + 12, seconds >>> 32);
      MachineMemory.write32(hpa + WALL_CLOCK, 2);
    }

    void maxPfn(long pfn) {
      MachineMemory.write64(hpa + MAX_PFN, pfn);
    }

    private static long bit(int port) {
      return 1L << port;
    }

    /** Sets an event; true if it was not set before and is not masked. */
    boolean setEvent(int port) {
      long before = or(hpa + PENDING + (port >> 6) * 8L, bit(port));
      return (before & bit(port)) == 0
          && (MachineMemory.read64(hpa + MASK + (port >> 6) * 8L) & bit(port)) == 0;
    }

    boolean hasEvent(int port) {
      return (MachineMemory.read64(hpa + PENDING + (port >> 6) * 8L) & bit(port)) != 0;
    }

    void clearEvent(int port) {
      and(hpa + PENDING + (port >> 6) * 8L, ~bit(port));
    }

    /** Takes the mask away; true if an event waits. */
    boolean unmask(int port) {
      and(hpa + MASK + (port >> 6) * 8L, ~bit(port));
      return hasEvent(port);
    }
  }

  static long or(long hpa, long bits) {
    while (true) {
      long before = MachineMemory.read64(hpa);
      if (MachineMemory.compareAndSet64(hpa, before, before | bits)) {
        return before;
      }
    }
  }

  private static void and(long hpa, long bits) {
    while (true) {
      long before = MachineMemory.read64(hpa);
      if (MachineMemory.compareAndSet64(hpa, before, before & bits)) {
        return;
      }
    }
  }
}
