package dev.ringzero.control.snapshot;

import dev.ringzero.control.network.SwitchAttachment;
import dev.ringzero.control.run.GuestRun;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.kernel.ResidentKernel;
import dev.ringzero.network.NetworkAttachment;
import dev.ringzero.network.nat.NatAttachment;
import dev.ringzero.network.nat.NatSettings;
import dev.ringzero.vmm.machine.CardConfiguration;
import dev.ringzero.vmm.machine.DiskConfiguration;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.HostLinks;
import dev.ringzero.vmm.machine.Machine;
import dev.ringzero.vmm.machine.MachineConfiguration;
import dev.ringzero.vmm.machine.SavedMachine;
import dev.ringzero.vmm.machine.SocketConfiguration;
import dev.ringzero.vmm.schedule.ProcessorShare;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * A machine at one moment, of which any number of copies are made in this process while it goes on.
 * Copies share the memory that they do not write. To be closed when all copies are made.
 */
public final class Fork implements AutoCloseable {
  private static final Path SHARED_MEMORY = Path.of("/dev/shm");
  private static final String OVERLAYS = "overlays";

  private final MachineConfiguration original;
  private final Path memoryFolder;
  private final Path diskFolder;
  private final Copy copy;

  private Fork(MachineConfiguration original, Path memoryFolder, Path diskFolder, Copy copy) {
    this.original = original;
    this.memoryFolder = memoryFolder;
    this.diskFolder = diskFolder;
    this.copy = copy;
  }

  /**
   * Takes a machine as it is now.
   *
   * @throws SnapshotException if such a machine cannot be copied
   */
  public static Fork of(GuestRun run) {
    Machine machine = run.machine();
    machine.whyNotSaved().ifPresent(Fork::refuse);
    machine.configuration().cards().forEach(Fork::another);
    Path memoryFolder = null;
    Path diskFolder = null;
    try {
      Path disks = ImageCache.ofUser().directory(OVERLAYS);
      memoryFolder =
          Files.createTempDirectory(
              Files.isWritable(SHARED_MEMORY) ? SHARED_MEMORY : disks, "ringzero-fork-");
      diskFolder = Files.createTempDirectory(disks, "fork-");
      return new Fork(
          machine.configuration(), memoryFolder, diskFolder, freeze(run, memoryFolder, diskFolder));
    } catch (IOException e) {
      delete(memoryFolder);
      delete(diskFolder);
      throw new SnapshotException("cannot copy the machine: " + e.getMessage(), e);
    } catch (StateException e) {
      delete(memoryFolder);
      delete(diskFolder);
      throw new SnapshotException(e.getMessage(), e);
    }
  }

  private static void refuse(String why) {
    throw new SnapshotException(why);
  }

  private static Copy freeze(GuestRun run, Path memoryFolder, Path diskFolder) throws IOException {
    Path ram = memoryFolder.resolve(StoredSnapshot.RAM);
    Machine machine = run.machine();
    try (FileChannel channel =
        FileChannel.open(ram, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      machine.pause();
      try {
        SavedMachine saved = machine.save(channel, ram);
        List<SavedDisk> disks = SavedDisk.copy(machine, diskFolder);
        return new Copy(saved, disks, run.history().kept(), run.hasShell());
      } finally {
        machine.resume();
      }
    }
  }

  /**
   * Makes a copy, which does not run yet.
   *
   * @throws SnapshotException if that is not possible
   */
  public GuestRun make(String name) {
    return copy.make(disks -> configuration(name, disks, original.engine()));
  }

  /** As above, with another share of the physical CPUs than the original has. */
  public GuestRun make(String name, ProcessorShare share) {
    EngineConfiguration engine =
        switch (original.engine()) {
          case EngineConfiguration.Software software -> software.with(share);
          case EngineConfiguration.Kvm kvm -> kvm;
        };
    return copy.make(disks -> configuration(name, disks, engine));
  }

  private MachineConfiguration configuration(
      String name, List<DiskConfiguration> disks, EngineConfiguration engine) {
    HostLinks links = original.links();
    return new MachineConfiguration(
        name,
        original.memoryBytes(),
        original.cpus(),
        new ResidentKernel(),
        Optional.empty(),
        original.commandLine(),
        disks,
        original.cards().stream().map(Fork::another).toList(),
        new HostLinks(
            links.shares(),
            links.sockets().map(sockets -> another(sockets, name)),
            links.console(),
            links.tests()),
        engine);
  }

  /** A card with an address of its own; ports of the host stay the original's. */
  private static CardConfiguration another(CardConfiguration card) {
    NetworkAttachment network =
        switch (card.network()) {
          case NatAttachment nat ->
              new NatAttachment(
                  new NatSettings(
                      nat.settings().allowHost(), List.of(), nat.settings().resolver()));
          case SwitchAttachment attachment -> attachment;
          case NetworkAttachment other ->
              throw new SnapshotException(
                  "a card is at %s, which one machine alone can use: take it out first"
                      .formatted(other.description()));
        };
    return new CardConfiguration(
        network,
        OptionalLong.empty(),
        card.mtu(),
        card.queues(),
        card.address(),
        card.virtualFunctions(),
        card.model());
  }

  private static SocketConfiguration another(SocketConfiguration sockets, String name) {
    return new SocketConfiguration(
        sockets.path().map(path -> path.resolveSibling(path.getFileName() + "." + name)),
        sockets.cid());
  }

  /** Copies that were made go on: what they use stays until they end. */
  @Override
  public void close() {
    delete(memoryFolder);
    delete(diskFolder);
  }

  private static void delete(Path folder) {
    if (folder == null) {
      return;
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      // It takes room and does no harm.
    }
  }
}
