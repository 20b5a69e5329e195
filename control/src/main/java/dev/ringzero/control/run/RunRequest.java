package dev.ringzero.control.run;

import dev.ringzero.images.DebianKernel;
import dev.ringzero.images.initramfs.DefaultInitramfs.Terminal;
import dev.ringzero.vmm.machine.CardConfiguration;
import dev.ringzero.vmm.machine.CardModel;
import dev.ringzero.vmm.machine.DiskConfiguration;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.HostLinks;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a user wants to run.
 *
 * @param kernel empty for the default guest's
 * @param initrd empty for the default guest's
 * @param modules what a multiboot kernel gets beside it: files, each with words behind it
 * @param append further words for the kernel's command line
 * @param command to run in the default guest in place of a shell
 * @param terminal at which the user sits
 * @param image the guest's root; its disk comes before the others
 * @param disks in the order in which the guest numbers them
 * @param cards network cards, in the order in which the guest numbers them
 * @param links with the host, beside disks and network
 * @param engine what runs its code
 */
public record RunRequest(
    Optional<Path> kernel,
    Optional<Path> initrd,
    List<String> modules,
    Optional<String> append,
    long memoryBytes,
    int cpus,
    Optional<String> command,
    Optional<Terminal> terminal,
    Optional<ImageChoice> image,
    List<DiskConfiguration> disks,
    List<CardConfiguration> cards,
    HostLinks links,
    EngineConfiguration engine) {
  private static final String ROOT = "root=";

  /** Whether the user's words for the kernel name a root on a disk. */
  public boolean bootsFromRoot() {
    return append.isPresent()
        && Stream.of(append.get().split("\\s+")).anyMatch(word -> word.startsWith(ROOT));
  }

  /** The kernel that drives what the machine has, where the user names none. */
  public DebianKernel usualKernel() {
    return hasIntelCard() || hostDrivers().anyMatch(HostDeviceDrivers::needsGeneralKernel)
        ? DebianKernel.GENERAL
        : DebianKernel.CLOUD;
  }

  /** What drives the functions of the host that the machine gets. */
  Stream<HostDeviceDrivers> hostDrivers() {
    return links.devices().stream().map(HostDeviceDrivers::of);
  }

  /** Whether a card is one of Intel's. */
  public boolean hasIntelCard() {
    return cards.stream().anyMatch(card -> card.model() == CardModel.INTEL_82576);
  }

  /** Whether the guest is ours, which says when it has a shell. */
  public boolean hasShellOfOurs() {
    return initrd.isEmpty() && (image.isPresent() || command.isPresent() || !bootsFromRoot());
  }
}
