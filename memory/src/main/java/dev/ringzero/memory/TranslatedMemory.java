package dev.ringzero.memory;

/** Guest-physical space behind an IOMMU, as one device sees it. */
public final class TranslatedMemory extends DmaMemory {
  private final GuestMemory memory;
  private final DmaTranslation translation;

  public TranslatedMemory(GuestMemory memory, DmaTranslation translation) {
    this.memory = memory;
    this.translation = translation;
  }

  /** Only an access tells. */
  @Override
  public boolean isRam(long address) {
    return address >= 0;
  }

  @Override
  public boolean isRam(long address, long lengthBytes) {
    return address >= 0 && lengthBytes >= 0 && address + lengthBytes >= 0;
  }

  @Override
  public Slices slices(long address, long lengthBytes, boolean write) {
    if (!isRam(address, lengthBytes)) {
      return null;
    }
    Slices slices = new Slices(this, write);
    slices.token(translation.begin());
    boolean whole = false;
    try {
      whole = collect(slices, address, address + lengthBytes, write);
    } finally {
      if (!whole) {
        slices.close();
      }
    }
    return whole ? slices : null;
  }

  /** Adds what lies one behind the other at one go. */
  private boolean collect(Slices slices, long first, long end, boolean write) {
    long at = first;
    while (at < end) {
      long gpa = translation.translate(at, write);
      if (gpa == DmaTranslation.REFUSED) {
        return false;
      }
      long length = Math.min(end, GuestMemory.nextPage(at)) - at;
      while (at + length < end) {
        long next = translation.translate(at + length, write);
        if (next == DmaTranslation.REFUSED) {
          return false;
        }
        if (next != gpa + length) {
          break;
        }
        length = Math.min(end, GuestMemory.nextPage(at + length)) - at;
      }
      Slices part = memory.slices(gpa, length, write);
      if (part == null) {
        return false;
      }
      slices.include(part);
      at += length;
    }
    return true;
  }

  @Override
  public long reclaim(long address, long lengthBytes) {
    return 0;
  }

  @Override
  void release(Slices slices) {
    translation.end(slices.token());
  }

  @Override
  long readWithinPage(long address, int sizeBytes) {
    int token = translation.begin();
    try {
      long gpa = translation.translate(address, false);
      boolean there = gpa != DmaTranslation.REFUSED && memory.isRam(gpa, sizeBytes);
      return there ? memory.readWithinPage(gpa, sizeBytes) : -1L >>> 64 - 8 * sizeBytes;
    } finally {
      translation.end(token);
    }
  }

  @Override
  void writeWithinPage(long address, int sizeBytes, long value) {
    int token = translation.begin();
    try {
      long gpa = translation.translate(address, true);
      if (gpa != DmaTranslation.REFUSED && memory.isRam(gpa, sizeBytes)) {
        memory.writeWithinPage(gpa, sizeBytes, value);
      }
    } finally {
      translation.end(token);
    }
  }
}
