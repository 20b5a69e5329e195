package dev.ringzero.vmm.machine;

import dev.ringzero.devices.pci.PciBus;
import dev.ringzero.devices.virtio.VirtioDevice;
import dev.ringzero.devices.virtio.block.VirtioBlock;
import dev.ringzero.devices.virtio.entropy.VirtioEntropy;
import dev.ringzero.devices.virtio.fs.VirtioFs;
import dev.ringzero.devices.virtio.pci.VirtioPci;
import dev.ringzero.devices.virtio.vsock.VirtioSocket;
import dev.ringzero.engine.AgentRunner;
import dev.ringzero.engine.Clock;
import dev.ringzero.engine.Entropy;
import dev.ringzero.engine.MsiTarget;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.disk.Disk;
import dev.ringzero.images.disk.DiskImages;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.vmm.share.SharedFolder;
import dev.ringzero.vmm.vsock.UnixSockets;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The devices that a machine's configuration asks for, on the root bus behind those of the board.
 */
final class MachineDevices implements AutoCloseable {
  private static final int FIRST_DEVICE = 2;
  private static final int LAST_DEVICE = 30;
  private static final int DISK_TRANSFER_BYTES = 1 << 16;

  private final GuestMemory memory;
  private final PciBus bus;
  private final MsiTarget messages;
  private final AgentRunner runner;
  private final List<Stateful> units = new ArrayList<>();
  private final List<Disk> disks = new ArrayList<>();
  private final List<VirtioBlock> blocks = new ArrayList<>();
  private final List<NetworkCard> cards = new ArrayList<>();
  private final List<SharedFolder> shares = new ArrayList<>();
  private final List<UnixSockets> sockets = new ArrayList<>();
  private final RoomWatch room;
  private int nextDevice = FIRST_DEVICE;

  MachineDevices(
      String machine, GuestMemory memory, PciBus bus, MsiTarget messages, AgentRunner runner) {
    room = new RoomWatch(machine, this::retryDisks);
    this.memory = memory;
    this.bus = bus;
    this.messages = messages;
    this.runner = runner;
  }

  void addEntropy(Entropy entropy) {
    add("virtio-entropy", new VirtioEntropy(entropy));
  }

  /**
   * Adds a disk.
   *
   * @param queues how many request queues it gets, unless it is told
   */
  void addDisk(DiskConfiguration configuration, int queues) {
    Disk disk =
        DiskImages.open(
            configuration.file(),
            configuration.readOnly(),
            configuration.format(),
            configuration.backing());
    disks.add(disk);
    String name = "disk" + blocks.size();
    VirtioBlock.Settings settings =
        new VirtioBlock.Settings(
            configuration.serial().orElse(name),
            configuration.queues().orElse(queues),
            configuration.cache() != DiskCache.WRITETHROUGH,
            DISK_TRANSFER_BYTES);
    boolean flushes = configuration.cache() != DiskCache.UNSAFE;
    VirtioBlock block =
        new VirtioBlock(new DiskBackend(name, disk, flushes), settings, room::stalled);
    blocks.add(block);
    add("virtio-" + name, block);
  }

  /**
   * Adds a network card and plugs it into its network.
   *
   * @param machine by whose name the card's address is chosen, so that it stays the same
   * @param queues how many pairs of queues it gets, unless it is told
   */
  void addCard(
      CardConfiguration configuration, String machine, int queues, Clock clock, Entropy entropy) {
    String name = "eth" + cards.size();
    try {
      int pairs = configuration.queues().orElse(queues);
      NetworkCard card = new NetworkCard(configuration, machine, name, pairs, clock, entropy);
      cards.add(card);
      add("virtio-" + name, card.device());
    } catch (IOException e) {
      throw new ImageException(e.getMessage(), e);
    }
  }

  /** Adds folders of the host, each with so many request queues. */
  void addShares(List<ShareConfiguration> configurations, int queues) {
    for (ShareConfiguration configuration : configurations) {
      String tag = ShareConfiguration.tag(shares.size());
      SharedFolder folder = open(configuration, configurations.size());
      shares.add(folder);
      add("virtio-" + tag, new VirtioFs(tag, queues, folder));
    }
  }

  private static SharedFolder open(ShareConfiguration configuration, int shares) {
    try {
      return new SharedFolder(configuration.folder(), configuration.readOnly(), shares);
    } catch (IOException e) {
      throw new ImageException("cannot share " + configuration.folder() + ": " + e.getMessage(), e);
    }
  }

  List<NetworkCard> cards() {
    return List.copyOf(cards);
  }

  /** Adds streams between programs of guest and host. */
  void addSockets(SocketConfiguration configuration) {
    try {
      UnixSockets host = new UnixSockets(configuration.path());
      sockets.add(host);
      VirtioSocket device = new VirtioSocket(configuration.cid(), host);
      add("virtio-vsock", device);
      host.serve(device);
    } catch (IOException e) {
      throw new ImageException(
          "cannot listen at " + configuration.path() + ": " + e.getMessage(), e);
    }
  }

  private void add(String name, VirtioDevice device) {
    if (nextDevice > LAST_DEVICE) {
      throw new ImageException("a machine has room for " + (LAST_DEVICE - 1) + " devices");
    }
    VirtioPci function = new VirtioPci(name, device, memory, messages, runner);
    bus.plug(nextDevice++, 0, function.function());
    units.addAll(function.units());
  }

  private void retryDisks() {
    blocks.forEach(VirtioBlock::retry);
  }

  List<Stateful> units() {
    return units;
  }

  /** Closes images and networks. Nothing uses them any more. */
  @Override
  public void close() {
    cards.forEach(NetworkCard::close);
    shares.forEach(SharedFolder::close);
    sockets.forEach(UnixSockets::close);
    room.close();
    for (Disk disk : disks) {
      try {
        disk.close();
      } catch (IOException e) {
        System.getLogger(MachineDevices.class.getName())
            .log(System.Logger.Level.WARNING, "a disk may lack what was written last: " + e, e);
      }
    }
  }
}
