package dev.ringzero.kvm;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.ringzero.engine.Clock;
import dev.ringzero.engine.Engine;
import dev.ringzero.engine.InterruptSource;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.memory.ContiguousMemory;
import dev.ringzero.memory.IoBus;
import dev.ringzero.x86.CpuidLeaf;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;

/**
 * Runs guest code on the host's processor through Linux KVM. One engine serves one machine, with
 * RingZero's own 8259s and I/O APIC, and the kernel's local APICs or ours.
 *
 * <p>Not modelled: irqfd and ioeventfd, RAM that comes and goes while the guest runs.
 *
 * @spec Linux Documentation/virt/kvm/api.rst
 */
public final class KvmEngine implements Engine {
  private static final int KVM_CAP_SET_TSS_ADDR = 4;
  private static final int KVM_CAP_SET_IDENTITY_MAP_ADDR = 37;

  /** Where no PC has RAM: three pages for Intel's real-mode task state, before them one more. */
  private static final long TSS_GPA = 0xFFFB_D000L;

  private static final long IDENTITY_MAP_GPA = 0xFFFB_C000L;

  private final Clock clock;
  private final KvmFile system;
  private final KvmFile machine;
  private final CpuidTable cpuid;
  private final MemorySlots slots;
  private final KvmClock kvmClock;
  private final SavedMsrs savedMsrs;
  private final List<KvmCpu> cpus = new ArrayList<>();

  /** Null where the monitor keeps the local APICs. */
  private final KernelInterrupts interrupts;

  private volatile IntConsumer endOfInterrupt = vector -> {};

  /** A machine whose local APICs the monitor keeps. */
  public KvmEngine(ContiguousMemory memory, Clock clock, List<CpuidLeaf> cpuid) {
    this(memory, clock, cpuid, ApicPlace.MONITOR);
  }

  /**
   * A machine of KVM.
   *
   * @param memory its RAM, which must stay until the engine is closed
   * @param cpuid what CPUID answers, masked with what the host supports; all of that where empty
   * @param apics who keeps the local APICs
   * @throws KvmException if this host has no KVM that can do it; see {@link KvmProbe}
   */
  public KvmEngine(ContiguousMemory memory, Clock clock, List<CpuidLeaf> cpuid, ApicPlace apics) {
    this.clock = clock;
    system = KvmFile.openSystem();
    try {
      machine = system.create(Ioctl.KVM_CREATE_VM, 0);
    } catch (KvmException e) {
      system.close();
      throw e;
    }
    try {
      this.cpuid = CpuidTable.of(cpuid, CpuidTable.supported(system));
      this.kvmClock = new KvmClock(machine);
      this.savedMsrs = SavedMsrs.of(system, this.cpuid.isAmd());
      placeHelperPages();
      MsrFilter.apply(system, machine, apics);
      interrupts = apics == ApicPlace.KERNEL ? new KernelInterrupts(machine) : null;
      slots = new MemorySlots(machine, memory);
    } catch (KvmException e) {
      close();
      throw e;
    }
  }

  private void placeHelperPages() {
    try (Arena arena = Arena.ofConfined()) {
      if (system.has(KVM_CAP_SET_IDENTITY_MAP_ADDR)) {
        MemorySegment gpa = arena.allocateFrom(JAVA_LONG, IDENTITY_MAP_GPA);
        machine.call(Ioctl.KVM_SET_IDENTITY_MAP_ADDR, gpa);
      }
      if (system.has(KVM_CAP_SET_TSS_ADDR)) {
        machine.call(Ioctl.KVM_SET_TSS_ADDR, TSS_GPA);
      }
    }
  }

  @Override
  public String name() {
    return "kvm";
  }

  @Override
  public VirtualCpu createCpu(int id, InterruptSource source, IoBus io) {
    KvmFile file = machine.create(Ioctl.KVM_CREATE_VCPU, id);
    try {
      RunPage page = new RunPage(file.map(system.call(Ioctl.KVM_GET_VCPU_MMAP_SIZE, 0)));
      cpuid.give(file, id);
      KvmCpu cpu =
          new KvmCpu(
              id, file, page, source, io, clock, cpuid.signature(), savedMsrs, this::serviceEnded);
      cpus.add(cpu);
      return cpu;
    } catch (KvmException e) {
      file.close();
      throw e;
    }
  }

  private void serviceEnded(int vector) {
    endOfInterrupt.accept(vector);
  }

  /** Who learns that the service of a level-triggered interrupt has ended. Kernel's APICs only. */
  public void onEndOfInterrupt(IntConsumer listener) {
    endOfInterrupt = listener;
  }

  /** Sends an interrupt message to the kernel's local APICs. Any thread. */
  public void send(long address, int data) {
    interrupts.send(address, data);
  }

  /** Tells the kernel's local APICs which message a pin of the I/O APIC sends. */
  public void route(int pin, long address, int data) {
    interrupts.route(pin, address, data);
  }

  /**
   * Lets the guest reach memory of a device without an exit.
   *
   * @return false if that cannot be, as where RAM is already
   */
  public boolean addDeviceMemory(long gpa, long lengthBytes, long hostAddress) {
    return slots.addDevice(gpa, lengthBytes, hostAddress);
  }

  /** Takes memory of a device away; does nothing if there is none at that address. */
  public void removeDeviceMemory(long gpa) {
    slots.removeDevice(gpa);
  }

  /** Notes from now on, or no more, which pages are written. */
  public void logWrites(boolean on) {
    slots.logWrites(on);
  }

  /** Tells the pages written since the last call, or since {@link #logWrites}, by address. */
  public void forEachWritten(LongConsumer pageGpa) {
    slots.forEachWritten(pageGpa);
  }

  @Override
  public void pause() {
    kvmClock.hold();
    cpus.forEach(KvmCpu::holdTime);
  }

  @Override
  public void resume() {
    kvmClock.release();
    cpus.forEach(KvmCpu::releaseTime);
  }

  @Override
  public List<Stateful> units() {
    return List.of(kvmClock);
  }

  /** Ends the machine; no vCPU may be running. */
  @Override
  public void close() {
    if (interrupts != null) {
      interrupts.close();
    }
    cpus.forEach(KvmCpu::close);
    cpus.clear();
    machine.close();
    system.close();
  }
}
