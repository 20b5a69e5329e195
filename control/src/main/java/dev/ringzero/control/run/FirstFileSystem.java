package dev.ringzero.control.run;

import dev.ringzero.images.DefaultGuest;
import dev.ringzero.images.HostFileTrouble;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.Progress;
import dev.ringzero.images.initramfs.AgentFiles;
import dev.ringzero.images.initramfs.DefaultInitramfs;
import dev.ringzero.images.initramfs.DefaultInitramfs.GuestCommand;
import dev.ringzero.images.initramfs.DefaultInitramfs.Share;
import dev.ringzero.images.initramfs.RootInitramfs;
import dev.ringzero.images.initramfs.RootInitramfs.Start;
import dev.ringzero.images.kernel.KernelRelease;
import dev.ringzero.images.module.KernelModule;
import dev.ringzero.images.module.ModuleArchive;
import dev.ringzero.images.module.ModuleDirectory;
import dev.ringzero.images.module.ModuleFiles;
import dev.ringzero.images.module.ModuleLibrary;
import dev.ringzero.vmm.cpuid.CpuFeature;
import dev.ringzero.vmm.machine.ConsoleKind;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.ShareConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Chooses what the kernel gets as its first file system. */
final class FirstFileSystem {
  private static final List<String> MODULES_FOR_DISKS =
      List.of("virtio_pci", "virtio_blk", "virtio_rng", "crc32c_generic", "ext4", "vfat");

  private static final List<String> PARAVIRTUAL_MODULES_FOR_DISKS =
      List.of("xen_blkfront", "crc32c_generic", "ext4", "vfat");
  private static final List<String> PARAVIRTUAL_MODULES_FOR_NETWORKS = List.of("xen_netfront");

  /** For what may come later; our own kernel has them. */
  private static final List<String> MODULES_FOR_GUESTS_WITH_DEVICES =
      List.of("virtio_balloon", "virtio_blk");

  private static final String MODULE_FOR_TRUNKS = "8021q";
  private static final List<String> MODULES_FOR_NETWORKS = List.of("virtio_pci", "virtio_net");
  private static final List<String> MODULES_FOR_INTEL_CARDS = List.of("igb", "igbvf");
  private static final List<String> MODULES_FOR_SHARES = List.of("virtio_pci", "virtiofs");
  private static final List<String> MODULES_FOR_CONSOLE = List.of("virtio_pci", "virtio_console");
  private static final List<String> MODULES_FOR_PASS_THROUGH =
      List.of("vfio_pci", "vfio_iommu_type1");
  private static final List<String> MODULES_FOR_SOCKETS =
      List.of("virtio_pci", "vmw_vsock_virtio_transport");

  private final ImageCache cache;
  private final Progress progress;

  FirstFileSystem(ImageCache cache, Progress progress) {
    this.cache = cache;
    this.progress = progress;
  }

  /** A kernel of the user's gets our first file system too, unless the user names one. */
  byte[] of(RunRequest request, String name, Optional<GuestCommand> command) {
    if (request.initrd().isPresent()) {
      return read("initrd", request.initrd().get());
    }
    byte[] busybox = read("busybox", DefaultGuest.busybox(cache, progress));
    List<KernelModule> modules = modules(request);
    if (request.image().isEmpty() && !request.bootsFromRoot()) {
      return new DefaultInitramfs(
              name,
              request.terminal(),
              command,
              modules,
              shares(request),
              library(request),
              agent(request))
          .build(busybox);
    }
    boolean ours = request.image().isPresent() || command.isPresent();
    Start start =
        ours
            ? new Start.Script(name, request.terminal(), command, shares(request), agent(request))
            : new Start.Init();
    return new RootInitramfs(start, modules).build(busybox);
  }

  /** Where its modules are nowhere, the agent does without them, or in vain. */
  private Optional<AgentFiles> agent(RunRequest request) {
    return GuestPreparation.isParavirtual(request)
        ? Optional.empty()
        : Optional.of(agentOf(moduleFiles(request)));
  }

  private static AgentFiles agentOf(Optional<ModuleFiles> files) {
    if (files.isEmpty()) {
      return new AgentFiles(List.of());
    }
    try (ModuleFiles opened = files.get()) {
      return new AgentFiles(opened.closure(MODULES_FOR_SOCKETS));
    }
  }

  /** What the default guest needs for our agent. */
  static AgentFiles agentOfDefault(ImageCache cache, Progress progress) {
    return agentOf(Optional.of(new ModuleArchive(DefaultGuest.modules(cache, progress))));
  }

  private static List<Share> shares(RunRequest request) {
    List<Share> shares = new ArrayList<>();
    for (ShareConfiguration share : request.links().shares()) {
      String tag = ShareConfiguration.tag(shares.size());
      shares.add(new Share(tag, share.guestPath(), share.readOnly()));
    }
    return shares;
  }

  /** A kernel whose modules are nowhere may have what it needs built in. */
  private List<KernelModule> modules(RunRequest request) {
    List<String> wanted = new ArrayList<>();
    boolean paravirtual = GuestPreparation.isParavirtual(request);
    if (!request.disks().isEmpty() || request.image().isPresent()) {
      wanted.addAll(paravirtual ? PARAVIRTUAL_MODULES_FOR_DISKS : MODULES_FOR_DISKS);
    }
    if (!request.cards().isEmpty()) {
      wanted.addAll(paravirtual ? PARAVIRTUAL_MODULES_FOR_NETWORKS : MODULES_FOR_NETWORKS);
    }
    if (request.hasIntelCard()) {
      wanted.addAll(MODULES_FOR_INTEL_CARDS);
    }
    request.hostDrivers().forEach(drivers -> wanted.addAll(drivers.modules()));
    if (request.cards().stream().anyMatch(card -> card.network().isTagged())) {
      wanted.add(MODULE_FOR_TRUNKS);
    }
    if (!request.links().shares().isEmpty()) {
      wanted.addAll(MODULES_FOR_SHARES);
    }
    if (request.links().sockets().isPresent()) {
      wanted.addAll(MODULES_FOR_SOCKETS);
    }
    if (request.links().console() == ConsoleKind.VIRTIO) {
      wanted.addAll(MODULES_FOR_CONSOLE);
    }
    if (!wanted.isEmpty() && request.kernel().isEmpty() && !paravirtual) {
      wanted.addAll(MODULES_FOR_GUESTS_WITH_DEVICES);
    }
    if (request.image().isPresent() || request.bootsFromRoot()) {
      wanted.addAll(modulesForMonitors(request));
    }
    Optional<ModuleFiles> files = wanted.isEmpty() ? Optional.empty() : moduleFiles(request);
    if (files.isEmpty()) {
      return List.of();
    }
    try (ModuleFiles opened = files.get()) {
      return opened.closure(wanted);
    }
  }

  /** What is there to be loaded: KVM where the processor can virtualize, VFIO with an IOMMU. */
  private ModuleLibrary library(RunRequest request) {
    List<String> wanted = modulesForMonitors(request);
    Optional<ModuleFiles> files = wanted.isEmpty() ? Optional.empty() : moduleFiles(request);
    Optional<String> release = files.isEmpty() ? Optional.empty() : release(request);
    if (release.isEmpty()) {
      return ModuleLibrary.NONE;
    }
    try (ModuleFiles opened = files.get()) {
      return new ModuleLibrary(release.get(), opened.closure(wanted));
    }
  }

  private static List<String> modulesForMonitors(RunRequest request) {
    List<String> wanted = new ArrayList<>();
    if (request.engine() instanceof EngineConfiguration.Software ours) {
      if (ours.model().has(CpuFeature.VMX)) {
        wanted.add("kvm_intel");
      } else if (ours.model().has(CpuFeature.SVM)) {
        wanted.add("kvm_amd");
      }
      if (ours.iommu()) {
        wanted.addAll(MODULES_FOR_PASS_THROUGH);
      }
    }
    return wanted;
  }

  private Optional<String> release(RunRequest request) {
    try {
      return KernelRelease.of(kernel(request));
    } catch (IOException e) {
      // What is wrong with the kernel is said when it is opened.
      return Optional.empty();
    }
  }

  private Path kernel(RunRequest request) {
    return request
        .kernel()
        .orElseGet(() -> DefaultGuest.kernel(request.usualKernel(), cache, progress));
  }

  private Optional<ModuleFiles> moduleFiles(RunRequest request) {
    if (request.kernel().isEmpty()) {
      return Optional.of(
          new ModuleArchive(DefaultGuest.modules(request.usualKernel(), cache, progress)));
    }
    Path kernel = request.kernel().get();
    try {
      return KernelRelease.of(kernel).flatMap(release -> ModuleDirectory.of(kernel, release));
    } catch (IOException e) {
      // What is wrong with the kernel is said when it is opened.
      return Optional.empty();
    }
  }

  private static byte[] read(String what, Path path) {
    try {
      return Files.readAllBytes(path);
    } catch (IOException e) {
      throw new ImageException(
          "cannot read " + what + " " + path + ": " + HostFileTrouble.reason(e), e);
    }
  }
}
