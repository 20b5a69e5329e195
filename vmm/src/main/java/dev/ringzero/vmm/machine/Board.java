package dev.ringzero.vmm.machine;

import dev.ringzero.devices.acpi.AcpiPower;
import dev.ringzero.devices.chipset.PostCode;
import dev.ringzero.devices.chipset.Q35;
import dev.ringzero.devices.chipset.ResetControl;
import dev.ringzero.devices.chipset.SystemControlPort;
import dev.ringzero.devices.fwcfg.FirmwareConfiguration;
import dev.ringzero.devices.hpet.Hpet;
import dev.ringzero.devices.i8042.I8042;
import dev.ringzero.devices.ioapic.IoApic;
import dev.ringzero.devices.iommu.Iommu;
import dev.ringzero.devices.pci.ConfigPorts;
import dev.ringzero.devices.pci.EcamWindow;
import dev.ringzero.devices.pci.PciBus;
import dev.ringzero.devices.pci.PciFunction;
import dev.ringzero.devices.pic.Pic;
import dev.ringzero.devices.pit.Pit;
import dev.ringzero.devices.power.PowerControl;
import dev.ringzero.devices.rtc.Rtc;
import dev.ringzero.devices.serial.ByteSink;
import dev.ringzero.devices.serial.Serial;
import dev.ringzero.devices.testdev.DebugExit;
import dev.ringzero.devices.testdev.TestDevice;
import dev.ringzero.engine.Clock;
import dev.ringzero.engine.MsiTarget;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.memory.DeviceBus;
import dev.ringzero.memory.GuestMemory;
import dev.ringzero.memory.IoBus;
import dev.ringzero.vmm.boot.BootException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * The devices that every machine has, at their ports and addresses, wired to each other. Processors
 * are connected to their local APICs afterwards.
 */
final class Board {
  /** Ports and values: vectors 8 and 70h, cascade, masks; mode 3 of the timer, its slowest rate. */
  private static final int[][] BIOS_WRITES = {
    {Pic.MASTER_PORT, 0x11},
    {Pic.MASTER_PORT + 1, 0x08},
    {Pic.MASTER_PORT + 1, 1 << 2},
    {Pic.MASTER_PORT + 1, 0x01},
    {Pic.SLAVE_PORT, 0x11},
    {Pic.SLAVE_PORT + 1, 0x70},
    {Pic.SLAVE_PORT + 1, 2},
    {Pic.SLAVE_PORT + 1, 0x01},
    {Pic.MASTER_PORT + 1, 0xFA},
    {Pic.SLAVE_PORT + 1, 0xFF},
    {Pit.PORT + 3, 0x36},
    {Pit.PORT, 0},
    {Pit.PORT, 0},
  };

  private final DeviceBus bus = new DeviceBus();
  private final ProcessorInterrupts processors;
  private final Optional<Iommu> iommu;
  private final List<Stateful> units = new ArrayList<>();
  private final PciBus pci;
  private final Serial[] serials = new Serial[2];
  private final AcpiPower acpi;
  private final InterruptRouting interrupts;

  /**
   * Builds the board in the state in which firmware leaves it to an operating system.
   *
   * @param processors the local APICs
   * @param console where the output of the first serial port goes
   * @param channel where the output of the second serial port goes
   * @param iommu which interrupt messages of devices pass, if there is one
   */
  Board(
      ProcessorInterrupts processors,
      Clock clock,
      ByteSink console,
      ByteSink channel,
      PowerControl power,
      Optional<Iommu> iommu) {
    this.processors = processors;
    this.iommu = iommu;
    units.addAll(processors.units());
    interrupts = interruptControllers();
    pci = pci(interrupts, power);
    serials[0] = unit(new Serial("serial0", interrupts.isa(Serial.COM1_IRQ), console));
    bus.addPorts(Serial.COM1_PORT, 8, serials[0]);
    serials[1] = unit(new Serial("serial1", interrupts.isa(Serial.COM2_IRQ), channel));
    bus.addPorts(Serial.COM2_PORT, 8, serials[1]);
    acpi = unit(new AcpiPower(clock, interrupts.isa(BoardLayout.SCI), power));
    bus.addPorts(AcpiPower.PORT, AcpiPower.PORTS, acpi);
    timers(clock, interrupts);
    controlPorts(interrupts, power);
  }

  private <U extends Stateful> U unit(U unit) {
    units.add(unit);
    return unit;
  }

  private InterruptRouting interruptControllers() {
    Pic pic = unit(new Pic(processors.lint0()));
    processors.externalController(pic::acknowledge);
    bus.addPorts(Pic.MASTER_PORT, 2, pic.masterPorts());
    bus.addPorts(Pic.SLAVE_PORT, 2, pic.slavePorts());
    bus.addPorts(Pic.ELCR_PORT, 2, pic.elcrPorts());
    IoApic ioApic = unit(new IoApic(pinMessages(), processors.redirections()));
    processors.onEndOfInterrupt(ioApic::endOfInterrupt);
    bus.addMemory(BoardLayout.IOAPIC, IoApic.WINDOW_BYTES, ioApic);
    return new InterruptRouting(pic, ioApic);
  }

  private MsiTarget pinMessages() {
    if (iommu.isEmpty()) {
      return processors.messages();
    }
    Iommu unit = unit(iommu.get());
    bus.addMemory(BoardLayout.IOMMU, Iommu.WINDOW_BYTES, unit);
    return unit.messagesOf(BoardLayout.IOAPIC_REQUESTER);
  }

  private PciBus pci(InterruptRouting interrupts, PowerControl power) {
    PciBus root = new PciBus(bus, interrupts.pci());
    PciFunction hostBridge = Q35.hostBridge(BoardLayout.ECAM, BoardLayout.ECAM_BUSES);
    root.plug(Q35.HOST_BRIDGE_DEVICE, 0, unit(hostBridge));
    root.plug(Q35.ISA_BRIDGE_DEVICE, 0, unit(Q35.isaBridge()));
    ResetControl resetControl = unit(new ResetControl(power));
    ConfigPorts ports = unit(new ConfigPorts(root, resetControl));
    bus.addPorts(ConfigPorts.PORT, ConfigPorts.PORTS, ports);
    bus.addMemory(BoardLayout.ECAM, BoardLayout.ECAM_BYTES, new EcamWindow(root));
    return root;
  }

  private void timers(Clock clock, InterruptRouting interrupts) {
    Pit pit = unit(new Pit(clock, interrupts.isa(0)));
    bus.addPorts(Pit.PORT, 4, pit);
    bus.addPorts(Pit.SPEAKER_PORT, 1, pit.speakerPort());
    bus.addPorts(Rtc.PORT, 2, unit(new Rtc(clock, interrupts.isa(Rtc.IRQ))));
    Hpet hpet = unit(new Hpet(clock, interrupts::gsi, processors.messages()));
    bus.addMemory(BoardLayout.HPET, Hpet.WINDOW_BYTES, hpet);
  }

  private void controlPorts(InterruptRouting interrupts, PowerControl power) {
    I8042 keyboard = unit(new I8042(interrupts.isa(I8042.KEYBOARD_IRQ), power));
    bus.addPorts(I8042.DATA_PORT, 1, keyboard.dataPort());
    bus.addPorts(I8042.COMMAND_PORT, 1, keyboard.commandPort());
    bus.addPorts(SystemControlPort.PORT, 1, new SystemControlPort(power));
    bus.addPorts(PostCode.PORT, 1, new PostCode());
  }

  /** Adds what tells firmware and small kernels about the machine. */
  void addFirmwareConfiguration(int cpus, long ramBytes) {
    FirmwareConfiguration device = unit(new FirmwareConfiguration(cpus, ramBytes));
    bus.addPorts(FirmwareConfiguration.PORT, FirmwareConfiguration.PORTS, device);
  }

  /** The 8259s at the vectors of a BIOS, the timer ticking through the only open input. */
  void leaveAsBios() {
    for (int[] write : BIOS_WRITES) {
      bus.writePort(write[0], 1, write[1]);
    }
  }

  /**
   * Adds devices for programs that test the machine.
   *
   * @param exit learns the status with which the guest ends the machine
   */
  void addTestDevices(TestDevices wanted, IntConsumer exit) {
    if (wanted.testDevice()) {
      TestDevice device = unit(new TestDevice(interrupts::any));
      bus.addPorts(TestDevice.PORT, TestDevice.PORTS, device);
      bus.addPorts(TestDevice.INTERRUPT_PORT, TestDevice.INTERRUPTS, device.interruptPorts());
      bus.addMemory(TestDevice.WINDOW, TestDevice.WINDOW_BYTES, device.memory());
    }
    if (wanted.exitPort().isPresent()) {
      int port = wanted.exitPort().getAsInt();
      if (bus.claimsPorts(port, DebugExit.PORTS)) {
        throw new BootException(
            "--device debug-exit=0x%x: other devices answer there; take 0xf4 or 0x501"
                .formatted(port));
      }
      bus.addPorts(port, DebugExit.PORTS, new DebugExit(exit));
    }
  }

  /** The buses that all processors share. */
  public DeviceBus bus() {
    return bus;
  }

  /** The buses as one processor sees them. */
  public IoBus busOf(int processor) {
    return processors.busOf(processor, bus);
  }

  Optional<Iommu> iommu() {
    return iommu;
  }

  /** How functions reach memory and processors. */
  DevicePaths paths(GuestMemory memory) {
    return new DevicePaths(memory, processors.messages(), iommu);
  }

  public PciBus pci() {
    return pci;
  }

  /** A serial port: COM1 is 0, COM2 is 1. */
  public Serial serial(int number) {
    return serials[number];
  }

  public AcpiPower acpi() {
    return acpi;
  }

  /** All units with state, in an order that never changes for the same configuration. */
  public List<Stateful> units() {
    return List.copyOf(units);
  }
}
