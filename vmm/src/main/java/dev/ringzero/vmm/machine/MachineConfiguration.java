package dev.ringzero.vmm.machine;

import dev.ringzero.images.kernel.Kernel;
import java.util.List;
import java.util.Optional;

/**
 * All that a machine is built from.
 *
 * @param name by which people and commands know it
 * @param memoryBytes RAM as the guest sees it, a multiple of 4096
 * @param cpus number of processors, from 1
 * @param kernel what to boot; the machine may change its bytes
 * @param initrd the first file system, if there is one
 * @param commandLine for the kernel
 * @param disks in the order in which the guest numbers them
 * @param cards network cards, in the order in which the guest numbers them
 * @param links with the host, beside disks and network
 * @param engine what runs its code
 */
public record MachineConfiguration(
    String name,
    long memoryBytes,
    int cpus,
    Kernel kernel,
    Optional<byte[]> initrd,
    String commandLine,
    List<DiskConfiguration> disks,
    List<CardConfiguration> cards,
    HostLinks links,
    EngineConfiguration engine) {
  /** A machine without disks and network, on our own processor. */
  public MachineConfiguration(
      String name,
      long memoryBytes,
      int cpus,
      Kernel kernel,
      Optional<byte[]> initrd,
      String commandLine) {
    this(
        name,
        memoryBytes,
        cpus,
        kernel,
        initrd,
        commandLine,
        List.of(),
        List.of(),
        HostLinks.NONE,
        EngineConfiguration.Software.FASTEST);
  }
}
