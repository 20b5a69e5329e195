package dev.ringzero.control.server;

import dev.ringzero.vmm.machine.Machine;
import dev.ringzero.vmm.machine.PciReport;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What a machine's IOMMU does, or what it makes of one address of one function. */
final class IommuRequest {
  private static final int FUNCTIONS = 1 << 16;

  private final Machine machine;

  IommuRequest(Machine machine) {
    this.machine = machine;
  }

  /** An answer with {@code ok} or {@code error}. */
  Map<String, Object> answer(Map<String, Object> request) {
    Optional<Map<String, Object>> found;
    machine.pause();
    try {
      found = report(request);
    } finally {
      machine.resume();
    }
    if (found.isEmpty()) {
      return Map.of("error", "the machine has no IOMMU: rz run --iommu vtd gives it one");
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("ok", true);
    answer.putAll(found.get());
    return answer;
  }

  private Optional<Map<String, Object>> report(Map<String, Object> request) {
    PciReport report = machine.pci();
    return request.get("function") instanceof Long function
            && request.get("address") instanceof Long address
            && function >= 0
            && function < FUNCTIONS
        ? report.walk(function.intValue(), address)
        : report.iommu();
  }
}
