package dev.ringzero.devices.iommu;

import java.util.List;
import java.util.SortedMap;

/**
 * The remapping unit as it is now, for people.
 *
 * @param rootTable in use, guest-physical
 * @param interruptEntries of the interrupt remapping table
 * @param domains by number
 * @param refusals how many requests were refused since the machine began
 * @param recent the last of them, the oldest first
 */
public record IommuView(
    boolean translates,
    long rootTable,
    boolean queuedInvalidation,
    boolean remapsInterrupts,
    long interruptTable,
    int interruptEntries,
    SortedMap<Integer, Domain> domains,
    long refusals,
    List<Refused> recent) {
  /**
   * A domain: functions that share tables.
   *
   * @param table the highest of them; meaningless if addresses pass as they are
   * @param levels of the tables
   * @param pages of 4 KiB that the tables map
   * @param counted whether these are all; tables that lead in circles are not followed for ever
   */
  public record Domain(
      boolean passesThrough,
      long table,
      int levels,
      long pages,
      boolean counted,
      List<Integer> functions) {}

  /**
   * A request that was refused.
   *
   * @param number how many were before it
   * @param reason the number that the specification gives the reason
   * @param information the page, or the interrupt's index in the upper 16 bits
   */
  public record Refused(
      long number, int reason, String words, int requesterId, long information, boolean write) {
    public boolean isInterrupt() {
      return reason >= Fault.INTERRUPT_INDEX.reason();
    }
  }

  /** One address of one function, translated. */
  public record Walk(List<Step> steps, String result, boolean allowed) {}

  /**
   * An entry that was read.
   *
   * @param high the upper half of an entry of 16 bytes
   */
  public record Step(String name, long gpa, long low, long high, String meaning) {}
}
