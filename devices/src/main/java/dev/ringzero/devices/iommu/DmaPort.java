package dev.ringzero.devices.iommu;

import dev.ringzero.devices.pci.PciFunction;
import dev.ringzero.engine.MsiTarget;
import dev.ringzero.memory.DmaMemory;
import dev.ringzero.memory.DmaTranslation;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.memory.TranslatedMemory;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntSupplier;

/** Where one function reaches memory and sends interrupt messages: through the IOMMU. */
public final class DmaPort implements DmaTranslation, MsiTarget {
  private static final int CACHED = 256;
  private static final int PAGE_SHIFT = 12;
  private static final int PAGE_MASK = (1 << PAGE_SHIFT) - 1;

  private final Iommu iommu;
  private final TranslatedMemory memory;
  private final AtomicReferenceArray<Translation> cache = new AtomicReferenceArray<>(CACHED);
  private IntSupplier requesterId = () -> 0;
  private Runnable readRefused = () -> {};

  DmaPort(Iommu iommu, GuestMemory memory) {
    this.iommu = iommu;
    this.memory = new TranslatedMemory(memory, this);
  }

  /** Says whose port this is; before it is used. */
  public void attach(PciFunction function) {
    requesterId = function::requesterId;
    readRefused = function::readRefused;
  }

  public DmaMemory memory() {
    return memory;
  }

  /** A cached translation of a page; valid for one generation. */
  private record Translation(long generation, int requesterId, long page, long gpa, int rights) {}

  @Override
  public int begin() {
    return iommu.accesses().begin();
  }

  @Override
  public void end(int token) {
    iommu.accesses().end(token);
  }

  @Override
  public long translate(long address, boolean write) {
    if (!iommu.translates()) {
      return address;
    }
    long generation = iommu.generation();
    long page = address >>> PAGE_SHIFT;
    int id = requesterId.getAsInt();
    int slot = (int) (page & CACHED - 1);
    int right = write ? DmaTables.WRITE : DmaTables.READ;
    Translation cached = cache.get(slot);
    if (cached != null
        && cached.generation == generation
        && cached.page == page
        && cached.requesterId == id
        && (cached.rights & right) != 0) {
      return cached.gpa | address & PAGE_MASK;
    }
    DmaTables.Result result = new DmaTables.Result();
    iommu.walk(id, address, result);
    if (result.fault == null && (result.rights & right) == 0) {
      result.fail(write ? Fault.WRITE_REFUSED : Fault.READ_REFUSED, result.recorded);
    }
    if (result.fault != null) {
      if (!write) {
        readRefused.run();
      }
      if (result.recorded) {
        iommu.refused(result.fault, id, address & ~(long) PAGE_MASK, write);
      }
      return REFUSED;
    }
    cache.set(slot, new Translation(generation, id, page, result.gpa, result.rights));
    return result.gpa | address & PAGE_MASK;
  }

  @Override
  public void send(long address, int data) {
    iommu.interrupts().send(requesterId.getAsInt(), address, data);
  }
}
