package dev.ringzero.control.snapshot;

import dev.ringzero.engine.Execution;
import dev.ringzero.images.kernel.ResidentKernel;
import dev.ringzero.vmm.cpuid.CpuFeature;
import dev.ringzero.vmm.cpuid.CpuModel;
import dev.ringzero.vmm.cpuid.CpuModels;
import dev.ringzero.vmm.machine.ConsoleKind;
import dev.ringzero.vmm.machine.DiskConfiguration;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.HostLinks;
import dev.ringzero.vmm.machine.MachineConfiguration;
import dev.ringzero.vmm.machine.ShareConfiguration;
import dev.ringzero.vmm.machine.SocketConfiguration;
import dev.ringzero.vmm.machine.TestDevices;
import dev.ringzero.vmm.memory.MemoryTechnique;
import dev.ringzero.vmm.schedule.ProcessorShare;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The configuration of a saved machine as a JSON object, and back: what decides which devices the
 * guest sees. Disks are {@link SavedDisk}s, apart.
 */
final class MachineForm {
  private static final long MOST_MEMORY_BYTES = 1L << 46;
  private static final long LEAST_MEMORY_BYTES = 1L << 20;
  private static final int MOST_CPUS = 255;
  private static final long MOST_CID = 0xFFFF_FFFEL;

  private MachineForm() {}

  static Map<String, Object> of(MachineConfiguration machine) {
    if (!(machine.engine() instanceof EngineConfiguration.Software ours)) {
      throw new SnapshotException("a machine on " + machine.engine().word() + " cannot be saved");
    }
    HostLinks links = machine.links();
    if (!links.tests().equals(TestDevices.NONE)) {
      throw new SnapshotException("a machine with test devices cannot be saved");
    }
    Map<String, Object> form = new LinkedHashMap<>();
    form.put("name", machine.name());
    form.put("memoryBytes", machine.memoryBytes());
    form.put("cpus", machine.cpus());
    form.put("commandLine", machine.commandLine());
    form.put("engine", ours.word());
    form.put("execution", ours.execution().way().name());
    form.put("memoryVirtualization", ours.memory().word());
    form.put("processor", ours.model().name());
    form.put("vendor", ours.model().vendor());
    form.put("features", ours.model().features().stream().map(Enum::name).toList());
    form.put("iommu", ours.iommu());
    form.put("cards", machine.cards().stream().map(CardForm::of).toList());
    form.put("shares", links.shares().stream().map(MachineForm::share).toList());
    links
        .sockets()
        .ifPresent(sockets -> {
          sockets.path().ifPresent(path -> form.put("socketPath", path.toString()));
          form.put("socketCid", sockets.cid());
        });
    form.put("console", links.console().name());
    return form;
  }

  private static Map<String, Object> share(ShareConfiguration share) {
    return Map.of(
        "folder",
        share.folder().toAbsolutePath().toString(),
        "guestPath",
        share.guestPath(),
        "readOnly",
        share.readOnly());
  }

  static MachineConfiguration read(Form form, String name, List<DiskConfiguration> disks) {
    return new MachineConfiguration(
        name,
        form.number("memoryBytes", LEAST_MEMORY_BYTES, MOST_MEMORY_BYTES) & -4096,
        (int) form.number("cpus", 1, MOST_CPUS),
        new ResidentKernel(),
        Optional.empty(),
        form.text("commandLine"),
        disks,
        form.forms("cards").stream().map(CardForm::read).toList(),
        links(form),
        engine(form));
  }

  private static HostLinks links(Form form) {
    Optional<SocketConfiguration> sockets =
        form.has("socketCid")
            ? Optional.of(
                new SocketConfiguration(
                    form.has("socketPath")
                        ? Optional.of(form.path("socketPath"))
                        : Optional.empty(),
                    form.number("socketCid", 3, MOST_CID)))
            : Optional.empty();
    List<ShareConfiguration> shares =
        form.forms("shares").stream()
            .map(share ->
                new ShareConfiguration(
                    share.path("folder"), share.text("guestPath"), share.flag("readOnly")))
            .toList();
    return new HostLinks(shares, sockets, known(ConsoleKind.values(), form.text("console")));
  }

  private static EngineConfiguration engine(Form form) {
    if (!form.text("engine").equals("software")) {
      throw new SnapshotException(
          "it was saved on engine " + form.text("engine") + ", which cannot restore it");
    }
    Execution.Way way = known(Execution.Way.values(), form.text("execution"));
    MemoryTechnique memory =
        MemoryTechnique.of(form.text("memoryVirtualization"))
            .orElseThrow(() -> new SnapshotException("it has an unknown memory virtualization"));
    return new EngineConfiguration.Software(
        new Execution(way, false),
        memory,
        ProcessorShare.USUAL,
        processor(form),
        form.flag("iommu"));
  }

  private static CpuModel processor(Form form) {
    CpuModel whole =
        CpuModels.named(form.text("processor"))
            .orElseThrow(() -> new SnapshotException("it has an unknown processor"));
    List<String> features = form.texts("features");
    CpuFeature[] missing =
        whole.features().stream()
            .filter(feature -> !features.contains(feature.name()))
            .toArray(CpuFeature[]::new);
    try {
      return whole.without(missing).withVendor(form.text("vendor"));
    } catch (IllegalArgumentException e) {
      throw new SnapshotException("it has a processor that cannot be: " + e.getMessage(), e);
    }
  }

  private static <E extends Enum<E>> E known(E[] values, String name) {
    return Arrays.stream(values)
        .filter(value -> value.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new SnapshotException("it has an unknown word: " + name));
  }
}
