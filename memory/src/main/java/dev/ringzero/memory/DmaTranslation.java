package dev.ringzero.memory;

/**
 * How an IOMMU translates the addresses of one device. What {@link #translate} gave stays valid
 * until the access that asked ends: an invalidation waits for it.
 */
public interface DmaTranslation {
  /** There is no translation that allows the access. */
  long REFUSED = -1;

  /** Begins an access, on any thread; the result goes to {@link #end}. */
  int begin();

  /** Ends an access. */
  void end(int token);

  /**
   * Translates the address of an access that lies in one page of 4 KiB. A refusal is recorded as
   * hardware does.
   *
   * @return the guest-physical address, or {@link #REFUSED}
   */
  long translate(long address, boolean write);
}
