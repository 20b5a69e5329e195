package dev.ringzero.devices.iommu;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The last requests that were refused, for people: what the guest does with its own is its own. */
final class FaultHistory {
  private static final int KEPT = 32;

  private final Deque<IommuView.Refused> last = new ArrayDeque<>();
  private long count;

  synchronized void add(Fault fault, int requesterId, long information, boolean write) {
    if (last.size() == KEPT) {
      last.removeFirst();
    }
    last.addLast(
        new IommuView.Refused(
            count++, fault.reason(), fault.words(), requesterId, information, write));
  }

  synchronized List<IommuView.Refused> recent() {
    return List.copyOf(last);
  }
}
