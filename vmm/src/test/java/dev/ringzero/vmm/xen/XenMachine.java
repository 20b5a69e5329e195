package dev.ringzero.vmm.xen;

import dev.ringzero.cpu.SoftwareEngine;
import dev.ringzero.engine.Execution;
import dev.ringzero.engine.InterruptSource;
import dev.ringzero.engine.Register;
import dev.ringzero.engine.ShortCalls;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.memory.DeviceBus;
import dev.ringzero.memory.FrameMemory;
import dev.ringzero.memory.FramePool;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.memory.RamRange;
import dev.ringzero.testkit.FakeClock;
import dev.ringzero.vmm.xen.FrameTable.Type;
import dev.ringzero.x86.PageEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A paravirtual guest whose kernel is the test: its first 1024 pages are mapped at {@link #BASE},
 * tables read-only, the others writable.
 */
final class XenMachine implements AutoCloseable {
  static final long BASE = 0xFFFF_FFFF_8000_0000L;
  static final int L4 = 1, L3 = 2, L2 = 3, L1 = 4, SECOND_L1 = 5, USER_L4 = 6, FIRST_FREE = 16;
  static final long READ = PageEntry.P;
  static final long WRITE = PageEntry.P | PageEntry.RW;
  private static final int PAGES = 1024;

  final FrameMemory memory = new FrameMemory(FramePool.host(), List.of(new RamRange(0, 16 << 20)));
  final FakeClock clock = new FakeClock();
  final XenDomain domain;
  final Hypercalls hypercalls;
  final List<String> events = new ArrayList<>();
  private final SoftwareEngine engine;

  XenMachine(int cpus) {
    domain = new XenDomain(memory, clock, cpus);
    hypercalls = new Hypercalls(domain, new VcpuCalls(domain, new Power()));
    engine = new SoftwareEngine(memory, clock, bytes -> {}, new Execution(false, false));
    for (int id = 0; id < cpus; id++) {
      VirtualCpu cpu = engine.createCpu(id, InterruptSource.NONE, new DeviceBus());
      cpu.reset(false);
      XenStart.prepare(cpu);
      XenVcpu vcpu = new XenVcpu(domain, cpu, domain.shared.vcpuInfoHpa(id), () -> {});
      domain.vcpus.add(vcpu);
      domain.events.add(vcpu);
    }
    map();
    XenVcpu first = vcpu(0);
    first.initialised = true;
    first.online = true;
    first.switchKernelTable(mfn(L4));
  }

  private void map() {
    entry(L4, 511, to(L3, WRITE));
    entry(L3, 510, to(L2, WRITE));
    entry(L2, 0, to(L1, WRITE));
    entry(L2, 1, to(SECOND_L1, WRITE));
    for (int pfn = 0; pfn < PAGES; pfn++) {
      boolean table = pfn >= L4 && pfn <= USER_L4;
      entry(L1 + pfn / 512, pfn % 512, to(pfn, table ? READ : WRITE));
    }
  }

  XenVcpu vcpu(int id) {
    return domain.vcpus.get(id);
  }

  long mfn(int pfn) {
    return domain.frames.mfn(pfn);
  }

  static long va(int pfn) {
    return BASE + pfn * 4096L;
  }

  long to(int pfn, long bits) {
    return mfn(pfn) << 12 | bits;
  }

  long entryHpa(int tablePfn, int index) {
    return (mfn(tablePfn) << 12) + index * 8L;
  }

  void entry(int tablePfn, int index, long value) {
    MachineMemory.write64(entryHpa(tablePfn, index), value);
  }

  long entry(int tablePfn, int index) {
    return MachineMemory.read64(entryHpa(tablePfn, index));
  }

  void word(int pfn, int offset, long value) {
    MachineMemory.write64((mfn(pfn) << 12) + offset, value);
  }

  long word(int pfn, int offset) {
    return MachineMemory.read64((mfn(pfn) << 12) + offset);
  }

  /** Makes a hypercall on vCPU 0. */
  long call(int number, long... arguments) {
    return callOn(0, number, arguments);
  }

  /** As the translator does, which asks for a short answer first. */
  long callOn(int cpu, int number, long... arguments) {
    long[] all = Arrays.copyOf(arguments, 5);
    long answer = hypercalls.shortly(vcpu(cpu), number, all[0], all[1], all[2], all[3]);
    return answer == ShortCalls.EXIT ? callByExit(cpu, number, arguments) : answer;
  }

  /** As the interpreter does. */
  long callByExit(int cpu, int number, long... arguments) {
    Register[] places = {Register.RDI, Register.RSI, Register.RDX, Register.R10, Register.R8};
    VirtualCpu processor = vcpu(cpu).cpu;
    processor.register(Register.RAX, number);
    for (int i = 0; i < places.length; i++) {
      processor.register(places[i], i < arguments.length ? arguments[i] : 0);
    }
    hypercalls.call(vcpu(cpu));
    return processor.register(Register.RAX);
  }

  /** mmu_update of one entry. */
  long update(long pointer, long value) {
    word(FIRST_FREE, 0, pointer);
    word(FIRST_FREE, 8, value);
    return call(1, va(FIRST_FREE), 1, 0, XenDomain.SELF);
  }

  /** mmuext_op with one operation. */
  long extended(int command, long argument) {
    word(FIRST_FREE, 0, command);
    word(FIRST_FREE, 8, argument);
    word(FIRST_FREE, 16, 0);
    return call(26, va(FIRST_FREE), 1, 0, XenDomain.SELF);
  }

  /** Changes how one of the pages is mapped. */
  long remap(int pfn, long entry) {
    return call(14, va(pfn), entry, 2);
  }

  /** What no guest may ever reach by its tables; empty if all is well. */
  List<String> violations() {
    List<String> found = new ArrayList<>();
    for (int pfn = 0; pfn < domain.frames.frames(); pfn++) {
      long mfn = domain.frames.mfn(pfn);
      if (mfn >= 0) {
        Type type = domain.frames.type(mfn);
        if (type.level() > 0 && domain.frames.isUsedAs(mfn, type)) {
          check(mfn, type.level(), found);
        }
      }
    }
    return found;
  }

  private void check(long table, int level, List<String> found) {
    for (int index = 0; index < 512; index++) {
      long entry = MachineMemory.read64((table << 12) + index * 8L);
      if (TableValidator.isMonitors(level, index)) {
        if (entry != domain.area.slots()[index - TableValidator.FIRST_MONITOR_SLOT]) {
          found.add("slot " + index + " of the monitor's holds " + Long.toHexString(entry));
        }
      } else if ((entry & PageEntry.P) != 0) {
        String problem = problem(entry, level);
        if (problem != null) {
          found.add("level %d, %d: %x %s".formatted(level, index, entry, problem));
        }
      }
    }
  }

  private String problem(long entry, int level) {
    long mfn = (entry & PageEntry.ADDRESS) >>> 12;
    if (domain.frames.pfn(mfn) < 0) {
      return "is a frame of others";
    }
    if (level > 1) {
      return domain.frames.isUsedAs(mfn, Type.table(level - 1)) ? null : "is no table";
    }
    boolean writable = (entry & PageEntry.RW) != 0;
    return !writable || domain.frames.isUsedAs(mfn, Type.WRITABLE) ? null : "must not be written";
  }

  @Override
  public void close() {
    domain.area.close();
    engine.close();
    memory.close();
  }

  private final class Power implements VcpuCalls.Power {
    @Override
    public void shutdown(int reason) {
      events.add("shutdown " + reason);
    }

    @Override
    public void block(XenVcpu vcpu, long untilNanos) {
      events.add("block " + vcpu.id);
    }

    @Override
    public void up(XenVcpu vcpu) {
      events.add("up " + vcpu.id);
    }

    @Override
    public void down(XenVcpu vcpu) {
      events.add("down " + vcpu.id);
    }
  }
}
