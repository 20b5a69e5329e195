package dev.ringzero.vmm.machine;

import dev.ringzero.devices.pci.PciBus;
import dev.ringzero.devices.virtio.VirtioDevice;
import dev.ringzero.devices.virtio.block.VirtioBlock;
import dev.ringzero.devices.virtio.entropy.VirtioEntropy;
import dev.ringzero.devices.virtio.fs.VirtioFs;
import dev.ringzero.devices.virtio.net.VirtioNet;
import dev.ringzero.devices.virtio.pci.VirtioPci;
import dev.ringzero.engine.AgentRunner;
import dev.ringzero.engine.Clock;
import dev.ringzero.engine.Entropy;
import dev.ringzero.engine.MsiTarget;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.disk.Disk;
import dev.ringzero.images.disk.DiskImages;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.network.Port;
import dev.ringzero.network.nat.Nat;
import dev.ringzero.vmm.share.SharedFolder;
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
  private static final long LOCAL_MAC = 0x52_54_00_00_00_00L;
  private static final long LOCAL_MAC_MASK = 0xFF_FFFF;

  private final GuestMemory memory;
  private final PciBus bus;
  private final MsiTarget messages;
  private final AgentRunner runner;
  private final List<Stateful> units = new ArrayList<>();
  private final List<Disk> disks = new ArrayList<>();
  private final List<VirtioBlock> blocks = new ArrayList<>();
  private final List<Port> ports = new ArrayList<>();
  private final List<SharedFolder> shares = new ArrayList<>();
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
   * Adds a network card and the network behind it.
   *
   * @param machine by whose name the card's address is chosen, so that it stays the same
   */
  void addNetwork(
      NetworkConfiguration configuration, String machine, Clock clock, Entropy entropy) {
    String name = "net" + ports.size();
    try {
      Port port = new Nat(machine + "-" + name, configuration.natSettings(), clock, entropy);
      ports.add(port);
      long mac = LOCAL_MAC | machine.hashCode() & LOCAL_MAC_MASK;
      add("virtio-" + name, new VirtioNet(mac, Nat.MTU, new PortWire(port)));
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
    ports.forEach(Port::close);
    shares.forEach(SharedFolder::close);
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
