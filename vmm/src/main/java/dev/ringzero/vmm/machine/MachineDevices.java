package dev.ringzero.vmm.machine;

import dev.ringzero.devices.igb.Controller;
import dev.ringzero.devices.igb.PhysicalFunction;
import dev.ringzero.devices.igb.VirtualFunction;
import dev.ringzero.devices.pci.PciBus;
import dev.ringzero.devices.pci.PciDevice;
import dev.ringzero.devices.pci.PciExpress;
import dev.ringzero.devices.pci.RootPort;
import dev.ringzero.devices.pci.VirtualFunctions;
import dev.ringzero.devices.virtio.VirtioDevice;
import dev.ringzero.devices.virtio.VirtioFeature;
import dev.ringzero.devices.virtio.balloon.VirtioBalloon;
import dev.ringzero.devices.virtio.console.VirtioConsole;
import dev.ringzero.devices.virtio.entropy.VirtioEntropy;
import dev.ringzero.devices.virtio.fs.VirtioFs;
import dev.ringzero.devices.virtio.pci.VirtioPci;
import dev.ringzero.devices.virtio.vsock.HostSockets;
import dev.ringzero.devices.virtio.vsock.VirtioSocket;
import dev.ringzero.devices.virtio.vsock.VsockStream;
import dev.ringzero.engine.AgentRunner;
import dev.ringzero.engine.Clock;
import dev.ringzero.engine.Entropy;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.images.ImageException;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.network.MacAddress;
import dev.ringzero.network.NetworkAttachment;
import dev.ringzero.network.switching.EmbeddedSwitch;
import dev.ringzero.vmm.share.SharedFolder;
import dev.ringzero.vmm.vsock.GuestSocket;
import dev.ringzero.vmm.vsock.UnixSockets;
import dev.ringzero.vmm.xen.XenDevices;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * The devices that a machine's configuration asks for, on the root bus behind those of the board,
 * and those that come and go while it runs, in slots.
 */
final class MachineDevices implements AutoCloseable {
  private static final int FIRST_DEVICE = 2;
  private static final int FIRST_SLOT_DEVICE = 24;
  private static final int SLOTS = 4;
  private static final int MOST_DISK_QUEUES = 4;
  private static final int MOST_CARD_QUEUES = 4;

  private static final int USUAL_ROWS = 24;
  private static final int USUAL_COLUMNS = 80;

  private final String machine;
  private final int processors;
  private final DevicePaths paths;
  private final PciBus bus;
  private final AgentRunner runner;
  private final Clock clock;
  private final Entropy entropy;
  private final HotPlugSlots slots;
  private final List<Stateful> fixedUnits = new ArrayList<>();
  private final List<AttachedDevice> attached = new CopyOnWriteArrayList<>();
  private final HostDevices hostDevices = new HostDevices();
  private final Map<String, VirtualFunctions> makers = new HashMap<>();
  private final List<EmbeddedSwitch> embedded = new ArrayList<>();
  private final List<SharedFolder> shares = new ArrayList<>();
  private final List<UnixSockets> sockets = new ArrayList<>();
  private VirtioSocket guestSockets;
  private final VirtioBalloon balloon = new VirtioBalloon();
  private final RoomWatch room;
  private final DiskWorkers workers;
  private final Optional<XenDevices> paravirtual;
  private int nextDevice = FIRST_DEVICE;
  private int fixedPorts;
  private boolean closed;

  /**
   * Makes the devices that every machine has.
   *
   * @param paravirtual through which a paravirtual guest gets its disks and network cards
   */
  MachineDevices(
      String machine,
      int processors,
      GuestMemory memory,
      Board board,
      AgentRunner runner,
      Clock clock,
      Entropy entropy,
      Consumer<Boolean> waitingForRoom,
      Optional<XenDevices> paravirtual) {
    this.paravirtual = paravirtual;
    this.machine = machine;
    this.processors = processors;
    this.paths = board.paths(memory);
    this.bus = board.pci();
    this.runner = runner;
    this.clock = clock;
    this.entropy = entropy;
    workers = new DiskWorkers(machine);
    room = new RoomWatch(machine, this::retryDisks, waitingForRoom);
    slots = new HotPlugSlots(bus, paths, FIRST_SLOT_DEVICE, SLOTS, this::isOut);
    fixedUnits.addAll(slots.units());
    add("virtio-entropy", new VirtioEntropy(entropy));
    add("virtio-balloon", balloon, paths.straight());
  }

  /** Adds a disk, before the machine starts. */
  void addDisk(DiskConfiguration configuration) {
    attach(disk(freeId("disk"), PciExpress.Type.ROOT_COMPLEX_ENDPOINT, configuration));
  }

  /** Adds a network card and plugs it into its network, before the machine starts. */
  void addCard(CardConfiguration configuration) {
    if (configuration.network().isMovable()
        && configuration.virtualFunctions() == 0
        && paravirtual.isEmpty()) {
      insert(Optional.empty(), configuration);
    } else if (configuration.virtualFunctions() == 0) {
      attach(card(freeId("eth"), PciExpress.Type.ROOT_COMPLEX_ENDPOINT, configuration));
    } else {
      addPhysicalFunction(configuration);
    }
  }

  /** Adds a card of which the guest can make virtual functions, all on a switch inside it. */
  private void addPhysicalFunction(CardConfiguration configuration) {
    if (paravirtual.isPresent()) {
      throw new ImageException("a guest with direct paging has no PCI bus: leave out vfs=");
    }
    String id = freeId("eth");
    VirtualFunctions functions =
        switch (configuration.model()) {
          case VIRTIO, VIRTIO_PLAIN -> addVirtioFunctions(id, configuration);
          case INTEL_82576 -> addIntelFunctions(id, configuration);
        };
    RootPort port = port(id);
    port.insert(functions.physical());
    functions.plugged(port.secondary(), 0);
    makers.put(id, functions);
  }

  /** What makes virtual functions of a card, if it can make some. */
  Optional<VirtualFunctions> maker(String id) {
    return Optional.ofNullable(makers.get(id));
  }

  private VirtualFunctions addVirtioFunctions(String id, CardConfiguration configuration) {
    EmbeddedSwitch inside = openInside(id, configuration);
    List<VirtioPci> virtual = new ArrayList<>();
    VirtioPci physical = function(id, inside, configuration.mac(), configuration);
    for (int n = 0; n < configuration.virtualFunctions(); n++) {
      virtual.add(function(id + "v" + n, inside, OptionalLong.empty(), configuration));
    }
    return physical.with(virtual);
  }

  private VirtualFunctions addIntelFunctions(String id, CardConfiguration configuration) {
    NetworkCard card = networkCard(id, configuration);
    PhysicalFunction physical = intel(id, PciExpress.Type.ENDPOINT, card);
    Controller controller = physical.controller();
    List<VirtualFunction> virtual = new ArrayList<>();
    for (int n = 0; n < configuration.virtualFunctions(); n++) {
      DevicePaths.Path path = paths.next();
      VirtualFunction function =
          new VirtualFunction(
              "82576-" + id + "v" + n,
              PciExpress.Type.ENDPOINT,
              controller,
              n,
              path.memory(),
              path.messages(),
              runner);
      path.attach().accept(function.function());
      virtual.add(function);
    }
    attached.add(new AttachedDevice(id, "network card", card, Optional.of(physical)));
    return physical.with(virtual);
  }

  private PhysicalFunction intel(String id, PciExpress.Type place, NetworkCard card) {
    DevicePaths.Path path = paths.next();
    PhysicalFunction function =
        new PhysicalFunction(
            "82576-" + id + "pf", place, card.intel(clock), path.memory(), path.messages(), runner);
    path.attach().accept(function.function());
    card.watch(function::work);
    return function;
  }

  /** A port of its own for a device with many functions. */
  private RootPort port(String id) {
    DevicePaths.Path path = paths.next();
    int device = nextPlace();
    RootPort port =
        new RootPort("root-port-" + id, SLOTS + ++fixedPorts, bus, device, path.messages());
    path.attach().accept(port.function());
    bus.plug(device, 0, port);
    fixedUnits.add(port.function());
    return port;
  }

  private EmbeddedSwitch openInside(String id, CardConfiguration configuration) {
    NetworkAttachment network = configuration.network();
    long mac = configuration.mac().orElseGet(() -> MacAddress.of(machine + ":" + id));
    int mtu = configuration.mtu().orElse(network.mtu());
    try {
      EmbeddedSwitch inside =
          new EmbeddedSwitch(
              network, new NetworkAttachment.Card(machine, id, mac, mtu), id, clock, entropy);
      embedded.add(inside);
      return inside;
    } catch (IOException e) {
      throw new ImageException(e.getMessage(), e);
    }
  }

  /** Adds a virtio card on the switch inside another. */
  private VirtioPci function(
      String id, EmbeddedSwitch inside, OptionalLong mac, CardConfiguration as) {
    CardConfiguration configuration =
        new CardConfiguration(inside, mac, as.mtu(), as.queues(), Optional.empty());
    NetworkCard card = networkCard(id, configuration);
    VirtioPci function = virtio(id, PciExpress.Type.ENDPOINT, card, configuration);
    attached.add(new AttachedDevice(id, "network card", card, Optional.of(function)));
    return function;
  }

  private void attach(AttachedDevice device) {
    attached.add(device);
    device.function().ifPresent(this::plug);
  }

  /**
   * Puts a disk into a slot.
   *
   * @return a name by which it can be taken out
   * @throws ImageException if that is not possible
   */
  synchronized String insert(Optional<String> id, DiskConfiguration configuration) {
    return insert(disk(newId(id, "disk"), PciExpress.Type.ENDPOINT, configuration));
  }

  /** Puts a network card into a slot, as a disk. */
  synchronized String insert(Optional<String> id, CardConfiguration configuration) {
    return insert(card(newId(id, "eth"), PciExpress.Type.ENDPOINT, configuration));
  }

  private String insert(AttachedDevice device) {
    attached.add(device);
    if (closed || slots.insert(device) == 0) {
      release(device);
      throw new ImageException("all " + slots.count() + " slots are taken; rz device rm frees one");
    }
    return device.id();
  }

  /**
   * Takes a device out of its slot: asks the guest to let go of it, or does not ask.
   *
   * @throws ImageException if that is not possible
   */
  synchronized void remove(String id, boolean now) {
    if (!slots.remove(id, now)) {
      throw new ImageException(
          isTaken(id)
              ? "device " + id + " is part of the board: only what was added can be taken out"
              : "there is no device " + id);
    }
  }

  private String newId(Optional<String> asked, String kind) {
    if (paravirtual.isPresent()) {
      throw new ImageException(
          "a guest with direct paging takes no devices while it runs: name them with rz run");
    }
    if (asked.isPresent() && isTaken(asked.get())) {
      throw new ImageException("there is a device " + asked.get() + " already");
    }
    return asked.orElseGet(() -> freeId(kind));
  }

  private String freeId(String kind) {
    int number = 0;
    while (isTaken(kind + number)) {
      number++;
    }
    return kind + number;
  }

  private boolean isTaken(String id) {
    return attached.stream().anyMatch(device -> device.id().equals(id));
  }

  private AttachedDevice disk(String id, PciExpress.Type place, DiskConfiguration configuration) {
    int queues = Math.min(processors, MOST_DISK_QUEUES);
    DiskDrive drive = new DiskDrive(id, configuration, room, workers);
    paravirtual.ifPresent(drive::show);
    Optional<PciDevice> function =
        paravirtual.isPresent()
            ? Optional.empty()
            : Optional.of(function("virtio-" + id, place, drive.virtio(queues)));
    return new AttachedDevice(id, configuration.file().toString(), drive, function);
  }

  private AttachedDevice card(String id, PciExpress.Type place, CardConfiguration configuration) {
    NetworkCard card = networkCard(id, configuration);
    return new AttachedDevice(id, "network card", card, function(id, place, card, configuration));
  }

  private Optional<PciDevice> function(
      String id, PciExpress.Type place, NetworkCard card, CardConfiguration configuration) {
    if (paravirtual.isPresent()) {
      if (configuration.model() == CardModel.INTEL_82576) {
        throw new ImageException("a guest with direct paging has no PCI bus: leave out model=");
      }
      card.show(paravirtual.get());
      return Optional.empty();
    }
    return Optional.of(
        switch (configuration.model()) {
          case VIRTIO, VIRTIO_PLAIN -> virtio(id, place, card, configuration);
          case INTEL_82576 ->
              configuration.network() instanceof SharedController.Function shared
                  ? passedThrough(id, place, card, shared)
                  : intel(id, place, card);
        });
  }

  private VirtualFunction passedThrough(
      String id, PciExpress.Type place, NetworkCard card, SharedController.Function shared) {
    VirtualFunction function = shared.open("82576-" + id + "vf", place, paths.next(), runner);
    card.passThrough(function);
    card.watch(function::work);
    return function;
  }

  private NetworkCard networkCard(String id, CardConfiguration configuration) {
    try {
      return new NetworkCard(configuration, machine, id, clock, entropy);
    } catch (IOException e) {
      throw new ImageException(e.getMessage(), e);
    }
  }

  private VirtioPci virtio(
      String id, PciExpress.Type place, NetworkCard card, CardConfiguration configuration) {
    int pairs = configuration.queues().orElse(Math.min(processors, MOST_CARD_QUEUES));
    VirtioPci function = function("virtio-" + id, place, card.virtio(pairs));
    if (configuration.model() == CardModel.VIRTIO_PLAIN) {
      function.withhold(VirtioFeature.VIRTIO_F_EVENT_IDX);
    }
    card.watch(function::work);
    return function;
  }

  private VirtioPci function(String name, PciExpress.Type place, VirtioDevice device) {
    return function(name, place, device, paths.next());
  }

  private VirtioPci function(
      String name, PciExpress.Type place, VirtioDevice device, DevicePaths.Path path) {
    VirtioPci function = new VirtioPci(name, place, device, path.memory(), path.messages(), runner);
    path.attach().accept(function.function());
    return function;
  }

  /** A device left its slot. */
  private void isOut(AttachedDevice device) {
    Thread.ofVirtual()
        .name(machine + "-remove-" + device.id())
        .start(() -> {
          try {
            device.function().orElseThrow().awaitIdle();
            release(device);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private void release(AttachedDevice device) {
    if (attached.remove(device)) {
      device.close();
    }
  }

  /** What can be seen of disks and network cards. */
  List<DeviceView> views() {
    return attached.stream()
        .map(device ->
            new DeviceView(device.id(), device.kind(), device.what(), slots.slotOf(device.id())))
        .toList();
  }

  Balloon balloon() {
    return new Balloon(balloon, paravirtual);
  }

  /** Adds functions of the host, which reach all of the machine's RAM. */
  void addHostDevices(List<String> addresses, HostDevices.Access access) {
    for (String address : addresses) {
      HostDevice shown = hostDevices.take(address, access, paths.straight().messages());
      bus.plug(nextPlace(), 0, shown.function());
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

  /** The disks of the configuration, in its order, and behind them those that came later. */
  List<DiskDrive> disks() {
    return backends(DiskDrive.class);
  }

  List<NetworkCard> cards() {
    return backends(NetworkCard.class);
  }

  private <B> List<B> backends(Class<B> kind) {
    return attached.stream()
        .map(AttachedDevice::backend)
        .filter(kind::isInstance)
        .map(kind::cast)
        .toList();
  }

  /** Adds a virtio console in front of the same listeners as the serial port's. */
  void addConsole(Console console) {
    VirtioConsole device = new VirtioConsole(USUAL_ROWS, USUAL_COLUMNS, console);
    console.connect(device);
    add("virtio-console", device);
  }

  /** Adds streams between programs of guest and host. */
  void addSockets(SocketConfiguration configuration) {
    if (configuration.path().isEmpty()) {
      addSockets(configuration.cid(), stream -> Thread.startVirtualThread(stream::reset));
      return;
    }
    Path path = configuration.path().get();
    try {
      UnixSockets host = new UnixSockets(path);
      sockets.add(host);
      addSockets(configuration.cid(), host);
      host.serve(guestSockets);
    } catch (IOException e) {
      throw new ImageException("cannot listen at " + path + ": " + e.getMessage(), e);
    }
  }

  private void addSockets(long cid, HostSockets host) {
    guestSockets = new VirtioSocket(cid, host);
    add("virtio-vsock", guestSockets);
  }

  /** Asks the guest for a stream to one of its ports; empty if it has no driver for that. */
  Optional<GuestSocket> call(int port) {
    VsockStream stream = guestSockets == null ? null : guestSockets.connect(port);
    return Optional.ofNullable(stream).map(GuestSocket::new);
  }

  private void add(String name, VirtioDevice device) {
    add(name, device, paths.next());
  }

  private void add(String name, VirtioDevice device, DevicePaths.Path path) {
    VirtioPci function = function(name, PciExpress.Type.ROOT_COMPLEX_ENDPOINT, device, path);
    plug(function);
    fixedUnits.addAll(function.units());
  }

  private void plug(PciDevice function) {
    bus.plug(nextPlace(), 0, function.function());
  }

  private int nextPlace() {
    if (nextDevice == FIRST_SLOT_DEVICE) {
      throw new ImageException(
          "a machine has room for " + (FIRST_SLOT_DEVICE - FIRST_DEVICE) + " devices");
    }
    return nextDevice++;
  }

  /** What the machine waits for; empty if it does not. */
  String waitsFor() {
    return room.reason();
  }

  /** Ends what was begun, while no agent steps. */
  void settle() {
    disks().forEach(DiskDrive::settle);
  }

  private void retryDisks() {
    disks().forEach(DiskDrive::retry);
  }

  List<Stateful> units() {
    List<Stateful> units = new ArrayList<>(fixedUnits);
    attached.forEach(
        device -> device.function().ifPresent(function -> units.addAll(function.units())));
    return units;
  }

  /** Closes images and networks. Nothing uses them any more. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    shares.forEach(SharedFolder::close);
    sockets.forEach(UnixSockets::close);
    if (guestSockets != null) {
      guestSockets.reset();
    }
    room.close();
    hostDevices.close();
    attached.forEach(this::release);
    embedded.forEach(EmbeddedSwitch::close);
    workers.close();
  }
}
