package dev.ringzero.vmm.acpi;

import static dev.ringzero.vmm.acpi.Aml.*;

import dev.ringzero.devices.acpi.AcpiPower;
import dev.ringzero.devices.chipset.Q35;
import dev.ringzero.devices.pci.ConfigPorts;
import dev.ringzero.devices.pci.PciBus;
import dev.ringzero.devices.rtc.Rtc;
import dev.ringzero.devices.serial.Serial;
import dev.ringzero.vmm.boot.BootLayout;
import dev.ringzero.vmm.machine.BoardLayout;
import java.util.ArrayList;
import java.util.List;

/** The Differentiated System Description Table: the devices that a system cannot find by itself. */
final class Dsdt {
  private static final int POWER_BLOCK_PORTS = 0x80;
  private static final int HPET_BYTES = 0x400;
  private static final String GENERATION = "VGEN";
  private static final int GENERATION_CHANGED = 0x80;
  private static final int PCI_DEVICES = 32;
  private static final int PCI_PINS = 4;

  /** UUID 33DB4D5B-1FF7-401C-9657-7441C03DD766: PCI host bridge. */
  private static final byte[] HOST_BRIDGE_UUID = {
    0x5B,
    0x4D,
    (byte) 0xDB,
    0x33,
    (byte) 0xF7,
    0x1F,
    0x1C,
    0x40,
    (byte) 0x96,
    0x57,
    0x74,
    0x41,
    (byte) 0xC0,
    0x3D,
    (byte) 0xD7,
    0x66
  };

  // _OSC, first and third doubleword.
  private static final int OSC_UNRECOGNIZED_UUID = 1 << 2;
  private static final int OSC_UNRECOGNIZED_REVISION = 1 << 3;
  private static final int OSC_CAPABILITIES_MASKED = 1 << 4;

  /** Hotplug, PME, AER and the capability structure; not SHPC. */
  private static final int OSC_GRANTED = 0x1D;

  private Dsdt() {}

  static byte[] table(int processors) {
    List<byte[]> systemBus = new ArrayList<>();
    systemBus.add(hostBridge());
    systemBus.add(motherboard());
    systemBus.add(hpet());
    systemBus.add(generationCounter());
    for (int id = 0; id < processors; id++) {
      systemBus.add(processor(id));
    }
    return new Table("DSDT", 2)
        .bytes(scope("\\_SB", systemBus.toArray(byte[][]::new)))
        .bytes(scope("\\_GPE", generationChanged()))
        .bytes(name("\\_S5", sleepType(AcpiPower.SLP_TYP_S5)))
        .toByteArray();
  }

  private static byte[] sleepType(int type) {
    return packageOf(integer(type), integer(0), integer(0), integer(0));
  }

  private static byte[] processor(int id) {
    String name = "C%03X".formatted(id);
    return device(name, name("_HID", string("ACPI0007")), name("_UID", integer(id)));
  }

  private static byte[] hostBridge() {
    return device(
        "PCI0",
        name("_HID", eisaId("PNP0A08")),
        name("_CID", eisaId("PNP0A03")),
        name("_UID", integer(0)),
        name("_SEG", integer(0)),
        name("_BBN", integer(0)),
        name("_CRS", windows()),
        name("_PRT", interruptRouting()),
        operatingSystemCapabilities(),
        isaBridge());
  }

  private static byte[] windows() {
    long firstBehindEcam = BoardLayout.ECAM + BoardLayout.ECAM_BYTES;
    return new Resources()
        .busWindow(0, BoardLayout.ECAM_BUSES - 1)
        .ports(ConfigPorts.PORT, ConfigPorts.PORTS)
        .portWindow(0, ConfigPorts.PORT - 1)
        .portWindow(ConfigPorts.PORT + ConfigPorts.PORTS, 0xFFFF)
        .memoryWindow(
            BoardLayout.PCI_WINDOW, BoardLayout.PCI_WINDOW + BoardLayout.PCI_WINDOW_BYTES - 1)
        .memoryWindow(firstBehindEcam, BoardLayout.IOAPIC - 1)
        .memoryWindow64(
            BoardLayout.PCI_WINDOW_64,
            BoardLayout.PCI_WINDOW_64 + BoardLayout.PCI_WINDOW_64_BYTES - 1)
        .template();
  }

  private static byte[] interruptRouting() {
    byte[][] entries = new byte[PCI_DEVICES * PCI_PINS][];
    for (int device = 0; device < PCI_DEVICES; device++) {
      for (int pin = 0; pin < PCI_PINS; pin++) {
        entries[device * PCI_PINS + pin] =
            packageOf(
                integer((long) device << 16 | 0xFFFF),
                integer(pin),
                integer(0),
                integer(BoardLayout.PCI_FIRST_GSI + PciBus.wire(device, pin)));
      }
    }
    return packageOf(entries);
  }

  /** _OSC: lets the system handle PCI Express features itself. */
  private static byte[] operatingSystemCapabilities() {
    byte[] status = nameString("CDW1");
    byte[] wanted = nameString("CDW3");
    return method(
        "_OSC",
        4,
        createDwordField(argument(3), 0, "CDW1"),
        ifTrue(
            equal(argument(0), buffer(HOST_BRIDGE_UUID)),
            createDwordField(argument(3), 8, "CDW3"),
            store(wanted, local(0)),
            and(wanted, integer(OSC_GRANTED), wanted),
            ifTrue(
                not(equal(wanted, local(0))), or(status, integer(OSC_CAPABILITIES_MASKED), status)),
            ifTrue(
                not(equal(argument(1), integer(1))),
                or(status, integer(OSC_UNRECOGNIZED_REVISION), status))),
        otherwise(or(status, integer(OSC_UNRECOGNIZED_UUID), status)),
        returns(argument(3)));
  }

  private static byte[] isaBridge() {
    return device(
        "ISA_",
        name("_ADR", integer((long) Q35.ISA_BRIDGE_DEVICE << 16)),
        device(
            "RTC_",
            name("_HID", eisaId("PNP0B00")),
            name("_CRS", new Resources().ports(Rtc.PORT, 2).interrupt(Rtc.IRQ).template())),
        serialPort("COM1", 1, Serial.COM1_PORT, Serial.COM1_IRQ),
        serialPort("COM2", 2, Serial.COM2_PORT, Serial.COM2_IRQ));
  }

  private static byte[] serialPort(String name, int uid, int port, int irq) {
    return device(
        name,
        name("_HID", eisaId("PNP0501")),
        name("_UID", integer(uid)),
        name("_CRS", new Resources().ports(port, 8).interrupt(irq).template()));
  }

  /** What the chipset itself occupies. */
  private static byte[] motherboard() {
    return device(
        "MBRD",
        name("_HID", eisaId("PNP0C02")),
        name(
            "_CRS",
            new Resources()
                .memory(BoardLayout.ECAM, BoardLayout.ECAM_BYTES)
                .ports(AcpiPower.PORT, POWER_BLOCK_PORTS)
                .template()));
  }

  private static byte[] hpet() {
    return device(
        "HPET",
        name("_HID", eisaId("PNP0103")),
        name("_UID", integer(0)),
        name("_CRS", new Resources().memory(BoardLayout.HPET, HPET_BYTES).template()));
  }

  /**
   * Where the guest finds which copy of itself it is.
   *
   * @spec Microsoft, "Virtual Machine Generation ID"
   */
  private static byte[] generationCounter() {
    return device(
        GENERATION,
        name("_HID", string("RZRO0001")),
        name(
            "_CID",
            packageOf(string("VM_Gen_Counter"), string("VM_GEN_COUNTER"), string("VMGENCTR"))),
        name("_DDN", string("VM_Gen_Counter")),
        name("ADDR", packageOf(integer(BootLayout.GENERATION_ID), integer(0))));
  }

  private static byte[] generationChanged() {
    return method(
        "_E%02X".formatted(BoardLayout.GENERATION_EVENT),
        0,
        notification("\\_SB." + GENERATION, GENERATION_CHANGED));
  }
}
