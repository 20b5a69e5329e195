package dev.ringzero.vmm.machine;

import dev.ringzero.devices.iommu.Iommu;
import dev.ringzero.devices.iommu.IommuView;
import dev.ringzero.devices.pci.FunctionView;
import dev.ringzero.devices.pci.PciBus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a machine has on its PCI buses, and what its IOMMU lets that reach, as members of a JSON
 * object.
 */
public final class PciReport {
  private final PciBus root;
  private final Optional<Iommu> iommu;

  PciReport(PciBus root, Optional<Iommu> iommu) {
    this.root = root;
    this.iommu = iommu;
  }

  /** All functions. */
  public Map<String, Object> functions() {
    List<Object> functions = new ArrayList<>();
    root.views().forEach(function -> functions.add(function(function)));
    return Map.of("functions", functions);
  }

  private static Map<String, Object> function(FunctionView function) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("address", function.address());
    map.put("name", function.name());
    map.put("id", "%04x:%04x".formatted(function.vendorId(), function.deviceId()));
    map.put("class", "%06x".formatted(function.classCode()));
    map.put("virtual", function.virtual());
    map.put("busMaster", function.busMaster());
    List<Object> bars = new ArrayList<>();
    for (FunctionView.Bar bar : function.bars()) {
      Map<String, Object> object = new LinkedHashMap<>();
      object.put("number", (long) bar.number());
      object.put("kind", bar.ports() ? "ports" : bar.is64Bit() ? "memory64" : "memory");
      object.put("base", bar.base() < 0 ? null : hex(bar.base()));
      object.put("sizeBytes", bar.sizeBytes());
      bars.add(object);
    }
    map.put("bars", bars);
    List<Object> capabilities = new ArrayList<>();
    for (FunctionView.Capability capability : function.capabilities()) {
      Map<String, Object> object = new LinkedHashMap<>();
      object.put("offset", hex(capability.offset()));
      object.put("id", hex(capability.id()));
      object.put("extended", capability.extended());
      object.put("name", capability.name());
      object.put("meaning", capability.meaning());
      capabilities.add(object);
    }
    map.put("capabilities", capabilities);
    return map;
  }

  /** The IOMMU; empty if there is none. Only while the machine stands still. */
  public Optional<Map<String, Object>> iommu() {
    return iommu.map(unit -> unit(unit.view()));
  }

  /**
   * What an address of a function becomes; empty if there is no IOMMU. Only while the machine
   * stands still.
   *
   * @param function bus, device and function in 16 bits
   */
  public Optional<Map<String, Object>> walk(int function, long address) {
    return iommu.map(unit -> {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("function", FunctionView.address(function));
      map.put("address", hex(address));
      map.putAll(walk(unit.walk(function, address)));
      return map;
    });
  }

  private static Map<String, Object> walk(IommuView.Walk walk) {
    List<Object> steps = new ArrayList<>();
    for (IommuView.Step step : walk.steps()) {
      boolean wide = step.name().equals("root") || step.name().equals("context");
      Map<String, Object> object = new LinkedHashMap<>();
      object.put("name", step.name());
      object.put("place", hex(step.gpa()));
      object.put("entry", wide ? "%016x:%016x".formatted(step.high(), step.low()) : word(step));
      object.put("meaning", step.meaning());
      steps.add(object);
    }
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("entries", steps);
    map.put("result", walk.result());
    map.put("allowed", walk.allowed());
    return map;
  }

  private static String word(IommuView.Step step) {
    return "%016x".formatted(step.low());
  }

  private static Map<String, Object> unit(IommuView view) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("translation", view.translates());
    map.put("rootTable", hex(view.rootTable()));
    map.put("queuedInvalidation", view.queuedInvalidation());
    map.put("interruptRemapping", view.remapsInterrupts());
    map.put("interruptTable", hex(view.interruptTable()));
    map.put("interruptEntries", (long) view.interruptEntries());
    List<Object> domains = new ArrayList<>();
    view.domains().forEach((number, domain) -> domains.add(domain(number, domain)));
    map.put("domains", domains);
    map.put("refusals", view.refusals());
    List<Object> recent = new ArrayList<>();
    view.recent().forEach(refused -> recent.add(refused(refused)));
    map.put("recent", recent);
    return map;
  }

  private static Map<String, Object> domain(int number, IommuView.Domain domain) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("domain", (long) number);
    map.put("passesThrough", domain.passesThrough());
    map.put("table", domain.passesThrough() ? null : hex(domain.table()));
    map.put("levels", (long) domain.levels());
    map.put("pages", domain.pages());
    map.put("complete", domain.counted());
    map.put("functions", domain.functions().stream().map(FunctionView::address).toList());
    return map;
  }

  private static Map<String, Object> refused(IommuView.Refused refused) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("number", refused.number());
    map.put("function", FunctionView.address(refused.requesterId()));
    map.put("access", refused.isInterrupt() ? "interrupt" : refused.write() ? "write" : "read");
    map.put(
        refused.isInterrupt() ? "index" : "address",
        refused.isInterrupt()
            ? Long.toString(refused.information() >>> 48)
            : hex(refused.information()));
    map.put("reason", (long) refused.reason());
    map.put("meaning", refused.words());
    return map;
  }

  private static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }
}
