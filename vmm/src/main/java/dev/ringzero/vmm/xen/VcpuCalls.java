package dev.ringzero.vmm.xen;

import dev.ringzero.memory.FramePool;
import dev.ringzero.vmm.xen.FrameTable.Type;

/**
 * The hypercalls about vCPUs, time and events.
 *
 * <p>Not modelled: taking another vCPU down.
 *
 * @spec Xen public/vcpu.h; public/sched.h; public/event_channel.h
 */
final class VcpuCalls {
  private static final int MOST_POLLED = 128;
  private static final int TIMER_MUST_BE_AHEAD = 1;

  private final XenDomain domain;
  private final Power power;

  /** What a guest can do to its whole machine. */
  interface Power {
    /** The guest has shut down, for a reason of public/sched.h. */
    void shutdown(int reason);

    /** A vCPU waits for an event, at most until a time of the clock; 0 for any time. */
    void block(XenVcpu vcpu, long untilNanos);

    /** A vCPU that was down begins to run. */
    void up(XenVcpu vcpu);

    /** A vCPU stops until it is brought up again. */
    void down(XenVcpu vcpu);
  }

  VcpuCalls(XenDomain domain, Power power) {
    this.domain = domain;
    this.power = power;
  }

  void timer(XenVcpu vcpu, long deadlineNanos) {
    if (deadlineNanos == 0) {
      vcpu.stopTimer();
    } else {
      vcpu.startTimer(deadlineNanos);
    }
  }

  long schedule(XenVcpu vcpu, int command, long argument) {
    switch (command) {
      case 0 -> {} // yielding is for when the lock is free
      case 1 -> {
        vcpu.maskUpcalls(false);
        power.block(vcpu, 0);
      }
      case 2 -> power.shutdown(vcpu.memory.read32(argument));
      case 3 -> poll(vcpu, argument);
      default -> throw XenError.NO_SYSTEM_CALL;
    }
    return 0;
  }

  private void poll(XenVcpu vcpu, long argument) {
    long list = vcpu.memory.read64(argument);
    int count = vcpu.memory.read32(argument + 8);
    long until = vcpu.memory.read64(argument + 16);
    if (count < 0 || count > MOST_POLLED) {
      throw XenError.INVALID;
    }
    int[] ports = new int[count];
    for (int i = 0; i < count; i++) {
      ports[i] = vcpu.memory.read32(list + i * 4L);
    }
    if (!domain.events.anyPending(ports)) {
      vcpu.poll(ports);
      power.block(vcpu, until);
    }
  }

  long operation(XenVcpu caller, int command, int id, long argument) {
    if (id < 0 || id >= domain.vcpus.size()) {
      throw XenError.NO_ENTRY;
    }
    XenVcpu vcpu = domain.vcpus.get(id);
    switch (command) {
      case 0 -> new VcpuContext(caller.memory, argument).apply(domain, vcpu);
      case 1 -> {
        if (!vcpu.initialised) {
          throw XenError.INVALID;
        }
        if (!vcpu.online) {
          vcpu.online = true;
          power.up(vcpu);
        }
      }
      case 2 -> down(caller, vcpu);
      case 3 -> {
        return vcpu.online ? 1 : 0;
      }
      case 5 -> {} // the runstate area stays as the guest made it
      case 7 -> {}
      case 8 -> {
        long deadline = caller.memory.read64(argument);
        int flags = caller.memory.read32(argument + 8);
        if ((flags & TIMER_MUST_BE_AHEAD) != 0 && deadline < domain.clock.nanoTime()) {
          return -62; // ETIME
        }
        vcpu.startTimer(deadline);
      }
      case 9 -> vcpu.stopTimer();
      case 10 -> registerInfo(caller, vcpu, argument);
      default -> throw XenError.NO_SYSTEM_CALL;
    }
    return 0;
  }

  /** The last vCPU that goes down ends the VM. */
  private void down(XenVcpu caller, XenVcpu vcpu) {
    if (vcpu != caller) {
      throw XenError.INVALID;
    }
    vcpu.online = false;
    if (domain.vcpus.stream().anyMatch(other -> other.online)) {
      power.down(vcpu);
    } else {
      power.shutdown(0);
    }
  }

  private void registerInfo(XenVcpu caller, XenVcpu vcpu, long argument) {
    long mfn = caller.memory.read64(argument);
    int offset = caller.memory.read32(argument + 8);
    boolean fits =
        offset >= 0
            && offset + EventChannels.SharedInfo.VCPU_INFO_BYTES <= FramePool.FRAME_BYTES
            && (offset & 7) == 0;
    if (!fits || vcpu.infoMoved) {
      throw XenError.INVALID;
    }
    domain.tables.take(mfn, Type.WRITABLE); // and for as long as the VM lives
    domain.frames.reference(mfn);
    vcpu.infoMoved = true;
    vcpu.moveInfo((mfn << FramePool.FRAME_SHIFT) + offset);
  }

  long eventChannel(XenVcpu vcpu, int command, long at) {
    EventChannels events = domain.events;
    switch (command) {
      case 1 -> {
        int port = events.bindVirq(vcpu.memory.read32(at), vcpu.memory.read32(at + 4));
        vcpu.memory.write32(at + 8, port);
      }
      case 3 -> events.close(vcpu.memory.read32(at));
      case 4 -> events.send(vcpu.memory.read32(at));
      case 5 -> vcpu.memory.write32(at + 8, events.status(vcpu.memory.read32(at + 4)));
      case 6 -> {
        int who = vcpu.memory.read16(at) & 0xFFFF;
        int other = vcpu.memory.read16(at + 2) & 0xFFFF;
        if (who != XenDomain.SELF && who != XenDomain.GUEST || other != 0) {
          throw XenError.PERMISSION; // there are no others
        }
        vcpu.memory.write32(at + 4, events.allocateUnbound());
      }
      case 7 -> {
        int port = events.bindIpi(vcpu.memory.read32(at));
        vcpu.memory.write32(at + 4, port);
      }
      case 8 -> events.bindVcpu(vcpu.memory.read32(at), vcpu.memory.read32(at + 4));
      case 9 -> events.unmask(vcpu.memory.read32(at));
      default -> throw XenError.NO_SYSTEM_CALL;
    }
    return 0;
  }
}
