package dev.ringzero.vmm.machine;

import dev.ringzero.devices.iommu.Iommu;
import dev.ringzero.devices.power.PowerControl;
import dev.ringzero.devices.serial.ConsolePort;
import dev.ringzero.engine.Entropy;
import dev.ringzero.engine.InterruptSource;
import dev.ringzero.engine.VirtualCpu;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.images.kernel.ElfKernel;
import dev.ringzero.images.kernel.MultibootKernel;
import dev.ringzero.memory.FrameMemory;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.memory.OutOfFramesException;
import dev.ringzero.memory.RamImage;
import dev.ringzero.memory.RamRange;
import dev.ringzero.vmm.acpi.AcpiTables;
import dev.ringzero.vmm.boot.BootException;
import dev.ringzero.vmm.boot.BootLayout;
import dev.ringzero.vmm.boot.BootPlanner;
import dev.ringzero.vmm.boot.BootRequest;
import dev.ringzero.vmm.exit.ExitHandling;
import dev.ringzero.vmm.gdb.DebugTarget;
import dev.ringzero.vmm.memory.MemoryExits;
import dev.ringzero.vmm.memory.MemoryVirtualization;
import dev.ringzero.vmm.schedule.ControlGroup;
import dev.ringzero.vmm.schedule.OwnThread;
import dev.ringzero.vmm.schedule.PhysicalCpus;
import dev.ringzero.vmm.schedule.ProcessorShare;
import dev.ringzero.vmm.schedule.VcpuTime;
import dev.ringzero.vmm.smbios.SmbiosTables;
import dev.ringzero.vmm.vsock.GuestSocket;
import dev.ringzero.vmm.xen.XenDevices;
import dev.ringzero.vmm.xen.XenMonitor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * One virtual machine: processors, guest-physical memory and the board, built from one
 * configuration. It is built and booted by its constructor, runs from {@link #start()} to its
 * {@link #awaitEnd() end}, and gives everything back when closed.
 */
public final class Machine implements AutoCloseable {
  private static final int MOST_AGENT_THREADS = 4;
  private static final int MOST_SHARE_QUEUES = 2;
  private static final int GENERATION_BYTES = 16;

  private final MachineConfiguration configuration;
  private final Optional<ControlGroup> controlGroup;
  private final ProcessorComplex processors;
  private final HostClock clock;
  private final RunGate gate = new RunGate();
  private final GuestMemory memory;
  private final Board board;
  private final AgentPool agents;
  private final Standstill standstill;
  private final Optional<XenDevices> xenDevices;
  private final MachineDevices devices;
  private final Console console = new Console();
  private final Console channel = new Console();
  private final List<CpuRunner> runners = new ArrayList<>();
  private volatile PhysicalCpus physicalCpus;
  private volatile Consumer<String> notices = Machine::log;

  /**
   * Builds the machine and loads what it boots.
   *
   * @throws dev.ringzero.vmm.boot.BootException if it cannot boot
   * @throws dev.ringzero.engine.EngineException if its engine is not to be had on this host
   * @throws dev.ringzero.memory.OutOfFramesException if there is not enough machine memory
   */
  public Machine(MachineConfiguration configuration) {
    this(configuration, Optional.empty());
  }

  /**
   * Builds a machine that goes on where another of the same configuration stood when it was saved.
   *
   * @throws StateException if what was saved is damaged or does not fit the configuration
   * @throws dev.ringzero.memory.RamImage.DamagedException if its memory does not
   * @throws dev.ringzero.memory.OutOfFramesException if there is not enough machine memory
   */
  public Machine(MachineConfiguration configuration, SavedMachine saved) {
    this(configuration, Optional.of(saved));
  }

  private Machine(MachineConfiguration configuration, Optional<SavedMachine> saved) {
    this.configuration = configuration;
    controlGroup = controlGroup(configuration);
    Entropy entropy = new SystemEntropy();
    processors =
        ProcessorComplex.of(
            configuration, entropy, new ParavirtualHost(), saved.map(SavedMachine::memory));
    clock = processors.clock();
    memory = processors.memory();
    for (int id = 0; id < configuration.cpus(); id++) {
      CpuRunner runner = new CpuRunner(configuration.name(), gate);
      runners.add(runner);
      gate.add(runner);
    }
    agents = new AgentPool(configuration.name(), MOST_AGENT_THREADS, this::agentFailed);
    board = new Board(processors.interrupts(), clock, console, channel, new Power(), makeIommu());
    board.addFirmwareConfiguration(configuration.cpus(), configuration.memoryBytes());
    console.connect(consolePort(), configuration.name() + "-console");
    channel.connect(board.serial(1), configuration.name() + "-channel");
    xenDevices =
        processors.virtualization() instanceof XenMonitor xen
            ? Optional.of(xen.devices(agents))
            : Optional.empty();
    devices =
        new MachineDevices(
            configuration.name(),
            configuration.cpus(),
            memory,
            board,
            agents,
            clock,
            entropy,
            this::waitForRoom,
            xenDevices);
    standstill = new Standstill(gate, clock, agents, processors.engine(), devices::settle);
    try {
      addDevices();
      board.addTestDevices(
          configuration.links().tests(),
          status -> gate.end(new MachineEnd(MachineEnd.Cause.EXITED, "", status)));
      attachProcessors();
      if (saved.isPresent()) {
        restoreState(saved.get().state());
      } else {
        boot(entropy);
      }
    } catch (RuntimeException e) {
      release();
      throw e;
    }
  }

  private Optional<Iommu> makeIommu() {
    return configuration.engine() instanceof EngineConfiguration.Software ours && ours.iommu()
        ? Optional.of(new Iommu(memory, processors.interrupts().messages(), agents))
        : Optional.empty();
  }

  private ConsolePort consolePort() {
    if (processors.virtualization() instanceof XenMonitor xen) {
      xen.console().connect(console);
      return xen.console();
    }
    return board.serial(0);
  }

  private void addDevices() {
    configuration.disks().forEach(devices::addDisk);
    configuration.cards().forEach(devices::addCard);
    devices.addHostDevices(
        configuration.links().devices(), new HostDevices.Access(processors.engine(), memory));
    int queues = Math.min(configuration.cpus(), MOST_SHARE_QUEUES);
    devices.addShares(configuration.links().shares(), queues);
    configuration.links().sockets().ifPresent(devices::addSockets);
    if (configuration.links().console() == ConsoleKind.VIRTIO) {
      devices.addConsole(console);
    }
  }

  private static void log(String notice) {
    System.getLogger(Machine.class.getName()).log(System.Logger.Level.WARNING, notice);
  }

  private void agentFailed(Throwable cause) {
    if (cause instanceof OutOfFramesException) {
      gate.end(MachineEnd.outOfMemory());
      return;
    }
    System.getLogger(Machine.class.getName())
        .log(System.Logger.Level.ERROR, "a device failed: " + cause, cause);
    gate.end(new MachineEnd(MachineEnd.Cause.FAILED, "a device: " + cause));
  }

  private void attachProcessors() {
    ProcessorInterrupts interrupts = processors.interrupts();
    MemoryVirtualization virtualization = processors.virtualization();
    ExitHandling exits =
        virtualization instanceof XenMonitor xen
            ? xen
            : new ExitHandler(
                (MemoryExits) virtualization, processors.cpuid(), interrupts.msrs(), gate);
    for (int id = 0; id < configuration.cpus(); id++) {
      InterruptSource source =
          virtualization instanceof XenMonitor xen ? xen.interrupts(id) : interrupts.sourceOf(id);
      VirtualCpu cpu = processors.engine().createCpu(id, source, board.busOf(id));
      cpu.reset(false);
      processors.firmware().apply(cpu);
      virtualization.attach(cpu);
      runners.get(id).attach(cpu, exits, interrupts.beginsAtOnce(id));
      interrupts.connect(id, runners.get(id));
    }
  }

  private void boot(Entropy entropy) {
    if (processors.virtualization() instanceof XenMonitor xen) {
      bootParavirtual(xen);
      return;
    }
    AcpiTables acpi =
        AcpiTables.of(BootLayout.BIOS, configuration.cpus(), board.iommu().isPresent());
    memory.write(acpi.gpa(), acpi.bytes());
    memory.write(BootLayout.GENERATION_ID, generation(entropy));
    SmbiosTables smbios =
        SmbiosTables.of(BootLayout.SMBIOS, configuration.cpus(), configuration.memoryBytes());
    memory.write(smbios.gpa(), smbios.bytes());
    List<RamRange> reserved = List.of(new RamRange(BoardLayout.ECAM, BoardLayout.ECAM_BYTES));
    BootRequest request =
        new BootRequest(
            configuration.kernel(),
            configuration.initrd(),
            configuration.commandLine(),
            memory.ramRanges(),
            reserved,
            OptionalLong.of(acpi.rsdpGpa()),
            entropy);
    if (configuration.kernel() instanceof MultibootKernel) {
      board.leaveAsBios();
    }
    BootPlanner.plan(request).apply(memory, cpu(0));
  }

  private static byte[] generation(Entropy entropy) {
    byte[] id = new byte[GENERATION_BYTES];
    entropy.fill(id);
    return id;
  }

  /**
   * Tells the guest of a restored machine that it is a copy, so that it takes new random numbers.
   */
  public void renewGeneration() {
    memory.write(BootLayout.GENERATION_ID, generation(new SystemEntropy()));
    board.acpi().generalEvent(BoardLayout.GENERATION_EVENT);
  }

  private void bootParavirtual(XenMonitor xen) {
    if (!(configuration.kernel() instanceof ElfKernel kernel)) {
      throw new BootException("the kernel cannot be unpacked here, which direct paging needs");
    }
    xen.boot(kernel, configuration.initrd(), configuration.commandLine());
  }

  public MachineConfiguration configuration() {
    return configuration;
  }

  /** The vCPU's registers may be touched only while the machine is paused. */
  public VirtualCpu cpu(int id) {
    return runners.get(id).cpu();
  }

  public GuestMemory memory() {
    return memory;
  }

  /** How the guest's addresses become machine addresses. */
  public MemoryVirtualization memoryVirtualization() {
    return processors.virtualization();
  }

  /** Through which the guest gives memory back for a while. */
  public Balloon balloon() {
    return devices.balloon();
  }

  /** Asks the guest for a stream to one of its vsock ports; empty if it has no driver for that. */
  public Optional<GuestSocket> call(int port) {
    return devices.call(port);
  }

  /** What can be seen of the machine's disks and network cards. */
  public List<DeviceView> devices() {
    return devices.views();
  }

  /**
   * Puts a disk into a slot. The guest need not run, and finds it when it does.
   *
   * @param id by which it will be known; empty for a new name
   * @return the id
   * @throws dev.ringzero.images.ImageException if that is not possible, with a reason for the user
   */
  public String insert(Optional<String> id, DiskConfiguration disk) {
    return devices.insert(id, disk);
  }

  /** Puts a network card into a slot; see {@link #insert(Optional, DiskConfiguration)}. */
  public String insert(Optional<String> id, CardConfiguration card) {
    return devices.insert(id, card);
  }

  /**
   * Takes a device out of its slot.
   *
   * @param now at once; otherwise the guest is asked, and it is out when the guest let go of it
   * @throws dev.ringzero.images.ImageException if that is not possible, with a reason for the user
   */
  public void remove(String id, boolean now) {
    devices.remove(id, now);
  }

  /**
   * Takes a virtual function that the guest has made of a card off its bus, for another machine.
   *
   * @param gone learns that the guest unmakes it; must not block
   * @return why not, in words for the user; empty if it is off
   */
  public Optional<String> lend(String card, int number, IntConsumer gone) {
    return devices
        .maker(card)
        .map(maker -> maker.lend(number, gone))
        .orElse(Optional.of("its card makes no virtual functions"));
  }

  /** Puts a virtual function that was lent back onto the guest's bus. */
  public void takeBack(String card, int number) {
    devices.maker(card).ifPresent(maker -> maker.takeBack(number));
  }

  /** What is on the machine's PCI buses, and what that may reach. */
  public PciReport pci() {
    return new PciReport(board.pci(), board.iommu());
  }

  /** The host's end of COM1, the guest's console. */
  public Console console() {
    return console;
  }

  /**
   * The host's end of COM2, for what must not mix with the console; the console where there is no
   * other line.
   */
  public Console channel() {
    return processors.virtualization() instanceof XenMonitor ? console : channel;
  }

  /** Network cards, in the order in which the guest numbers them. */
  public List<NetworkCard> cards() {
    return devices.cards();
  }

  /** Lets the guest run, on the host's processors. */
  public void start() {
    start(PhysicalCpus.host());
  }

  /**
   * Lets the guest run.
   *
   * @param at what runs its vCPUs, unless they are KVM's
   */
  public void start(PhysicalCpus at) {
    switch (configuration.engine()) {
      case EngineConfiguration.Software ours -> {
        physicalCpus = at;
        PhysicalCpus.Group group = at.group(ours.share());
        runners.forEach(runner -> runner.sit(group.add(runner)));
      }
      case EngineConfiguration.Kvm kvm -> {
        Runnable join = controlGroup.<Runnable>map(group -> group::join).orElse(() -> {});
        runners.forEach(runner -> runner.sit(new OwnThread(runner, join)));
      }
    }
    processors.engine().resume();
    clock.resume();
    agents.release();
    console.resumeOutput();
    channel.resumeOutput();
    gate.open();
  }

  /** Waits until the machine has ended and all its output was delivered. */
  public MachineEnd awaitEnd() throws InterruptedException {
    MachineEnd end = gate.awaitEnd();
    for (CpuRunner runner : runners) {
      runner.join();
    }
    console.close();
    channel.close();
    return end;
  }

  /** Presses the power button: the guest is asked to shut down. */
  public void pressPowerButton() {
    if (xenDevices.isPresent()) {
      xenDevices.get().requestShutdown();
    } else {
      board.acpi().pressPowerButton();
    }
  }

  /** Ends the machine at once, as pulling the plug does. */
  public void stop(String why) {
    gate.end(new MachineEnd(MachineEnd.Cause.STOPPED, why));
  }

  /** Sets who learns in words that the machine stands still by itself, and that it goes on. */
  public void onNotice(Consumer<String> listener) {
    notices = listener;
  }

  private void waitForRoom(boolean wait) {
    String words = devices.waitsFor();
    notices.accept(
        wait
            ? words + ": " + configuration.name() + " is paused until there is some"
            : "there is room again: " + configuration.name() + " goes on");
    standstill.waitForRoom(wait);
  }

  /** Why the machine stands still by itself; empty if it does not. */
  public String waitsFor() {
    return devices.waitsFor();
  }

  /**
   * Makes all processors and the clock stand still; returns when they do. As often as this is
   * called {@link #resume()} has to be.
   */
  public void pause() {
    standstill.pause();
  }

  /** Undoes one {@link #pause()}. */
  public void resume() {
    standstill.resume();
  }

  /** The state of everything but RAM. Only while the machine is paused. */
  public byte[] saveState() {
    return state().save();
  }

  /**
   * Restores what {@link #saveState()} gave, into a machine of the same configuration whose RAM
   * holds what it held then. Only while the machine is paused, or before it starts.
   *
   * @throws dev.ringzero.engine.state.StateException if it is damaged or does not fit
   */
  public void restoreState(byte[] saved) {
    clock.pause();
    state().restore(saved);
  }

  /** Why this machine cannot be saved now, in a line for people; empty if it can. */
  public Optional<String> whyNotSaved() {
    if (gate.ended()) {
      return Optional.of("the machine has ended");
    }
    Optional<CardConfiguration> lent =
        configuration.cards().stream().filter(card -> card.network().isMovable()).findFirst();
    Optional<DeviceView> added = devices().stream().filter(device -> device.slot() > 0).findFirst();
    return ProcessorComplex.whyNotSaved(configuration.engine())
        .or(() ->
            lent.map(card ->
                "the machine was started with %s, which no copy can have: start it without"
                    .formatted(card.network().description())))
        .or(() ->
            added.map(device ->
                "device %s is in a slot: take it out first, rz device rm %s"
                    .formatted(device.id(), device.id())));
  }

  /**
   * Saves state and memory, of which another machine can be made. Only while this one is paused.
   *
   * @param ram an empty file for its memory
   * @param file by which that file will be found
   * @throws StateException if this machine cannot be saved
   */
  public SavedMachine save(FileChannel ram, Path file) throws IOException {
    if (!(memory instanceof FrameMemory frames) || whyNotSaved().isPresent()) {
      throw new StateException(whyNotSaved().orElse("this machine cannot be saved"));
    }
    return new SavedMachine(saveState(), RamImage.write(frames, ram, file));
  }

  /** Whether the guest may write a disk of the configuration, by its place there. */
  public boolean isDiskWritable(int number) {
    return devices.disks().get(number).isWritable();
  }

  /** Copies what a disk holds into a new raw file. Only while the machine is paused. */
  public void copyDisk(int number, Path file) throws IOException {
    devices.disks().get(number).copyTo(file);
  }

  /** Stands for what CPUID says: what was saved on one processor does not go on on another. */
  public String processorKind() {
    return processors.cpuid().model().name()
        + "-"
        + Integer.toHexString(processors.cpuid().table().toString().hashCode());
  }

  private MachineState state() {
    return new MachineState(clock, runners, units());
  }

  private List<Stateful> units() {
    List<Stateful> units = new ArrayList<>(processors.engine().units());
    units.addAll(board.units());
    units.addAll(devices.units());
    return units;
  }

  /** A debugger's grip on the machine. At most one is in use at a time. */
  public DebugTarget debugTarget() {
    return new MachineDebugger(gate, runners, memory);
  }

  /** What each processor had of the physical CPUs so far. */
  public List<VcpuTime> times() {
    return runners.stream().map(CpuRunner::time).toList();
  }

  /** Of physical CPUs: those on which it runs, if they are ours and it was started. */
  public Optional<PhysicalCpus> physicalCpus() {
    return Optional.ofNullable(physicalCpus);
  }

  /** What the machine's processors have done so far, by vCPU. */
  public List<VirtualCpu> cpus() {
    return runners.stream().map(CpuRunner::cpu).toList();
  }

  @Override
  public void close() {
    stop("closed");
    runners.forEach(CpuRunner::awaitStop);
    release();
  }

  private void release() {
    console.close();
    channel.close();
    clock.close();
    agents.close();
    devices.close();
    processors.close();
    controlGroup.ifPresent(ControlGroup::close);
  }

  private static Optional<ControlGroup> controlGroup(MachineConfiguration configuration) {
    return configuration.engine() instanceof EngineConfiguration.Kvm kvm
            && !kvm.share().equals(ProcessorShare.USUAL)
        ? Optional.of(ControlGroup.of(configuration.name(), kvm.share()))
        : Optional.empty();
  }

  /** What a paravirtual guest asks of its machine. */
  private final class ParavirtualHost implements XenMonitor.Host {
    private static final int REBOOT = 1;
    private static final int CRASH = 3;

    @Override
    public void shutdown(int reason) {
      MachineEnd.Cause cause =
          switch (reason) {
            case REBOOT -> MachineEnd.Cause.RESET;
            case CRASH -> MachineEnd.Cause.TRIPLE_FAULT;
            default -> MachineEnd.Cause.POWER_OFF;
          };
      gate.end(new MachineEnd(cause, ""));
    }

    @Override
    public void crashed(String why) {
      gate.end(new MachineEnd(MachineEnd.Cause.FAILED, why));
    }

    @Override
    public boolean isEnded() {
      return gate.ended();
    }

    @Override
    public void kick(int cpu) {
      runners.get(cpu).kick();
    }

    @Override
    public void startup(int cpu) {
      runners.get(cpu).startup(0);
    }

    @Override
    public void down(int cpu) {
      runners.get(cpu).awaitStartup();
    }
  }

  private final class Power implements PowerControl {
    @Override
    public void powerOff() {
      gate.end(new MachineEnd(MachineEnd.Cause.POWER_OFF, ""));
    }

    @Override
    public void reset() {
      gate.end(new MachineEnd(MachineEnd.Cause.RESET, ""));
    }
  }
}
