package dev.ringzero.devices.pci;

import dev.ringzero.devices.pci.FunctionView.Capability;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a function's lists of capabilities and says what their registers mean. Reading here has no
 * effect on the function.
 *
 * @spec PCI Local Bus Specification 3.0, "Capabilities List"; PCI Express Base Specification 5.0,
 *     "PCI Express Extended Capabilities"
 */
final class CapabilityDecoder {
  private static final int MOST = 64;

  private static final int MSI = 0x05;
  private static final int VENDOR = 0x09;
  private static final int EXPRESS = 0x10;
  private static final int MSIX = 0x11;
  private static final int POWER = 0x01;
  private static final int AER = 0x0001;
  private static final int ACS = 0x000D;
  private static final int ARI = 0x000E;
  private static final int SRIOV = 0x0010;
  private static final int VIRTIO = 0x1AF4;

  private static final String[] VIRTIO_PARTS = {
    "", "common configuration", "notifications", "interrupt status", "device", "window"
  };

  private final ConfigSpace config;

  CapabilityDecoder(ConfigSpace config) {
    this.config = config;
  }

  List<Capability> all() {
    List<Capability> all = new ArrayList<>();
    int at = (int) config.read(PciRegister.CAPABILITIES_POINTER, 1) & 0xFC;
    while (at >= 0x40 && all.size() < MOST) {
      all.add(ordinary(at));
      at = (int) config.read(at + 1, 1) & 0xFC;
    }
    int extended = 0x100;
    while (extended >= 0x100 && config.read(extended, 4) != 0 && all.size() < MOST) {
      all.add(extended(extended));
      extended = (int) config.read(extended + 2, 2) >>> 4 & 0xFFC;
    }
    return all;
  }

  private Capability ordinary(int at) {
    int id = (int) config.read(at, 1);
    return switch (id) {
      case POWER -> new Capability(at, false, id, "Power Management", "");
      case MSI -> new Capability(at, false, id, "MSI", msi(at));
      case VENDOR -> new Capability(at, false, id, "vendor specific", vendor(at));
      case EXPRESS -> new Capability(at, false, id, "PCI Express", express(at));
      case MSIX -> new Capability(at, false, id, "MSI-X", msix(at));
      default -> new Capability(at, false, id, "capability 0x%02x".formatted(id), "");
    };
  }

  private Capability extended(int at) {
    int id = (int) config.read(at, 2);
    return switch (id) {
      case AER -> new Capability(at, true, id, "Advanced Error Reporting", errors(at));
      case ACS -> new Capability(at, true, id, "Access Control Services", access(at));
      case ARI -> new Capability(at, true, id, "Alternative Routing-ID (ARI)", next(at));
      case SRIOV -> new Capability(at, true, id, "SR-IOV", virtualFunctions(at));
      default -> new Capability(at, true, id, "capability 0x%04x".formatted(id), "");
    };
  }

  private String msi(int at) {
    long control = config.read(at + 2, 2);
    return "%s, %d of %d vectors"
        .formatted(onOff(control & 1), 1 << (control >>> 4 & 7), 1 << (control >>> 1 & 7));
  }

  private String msix(int at) {
    long control = config.read(at + 2, 2);
    long table = config.read(at + 4, 4);
    return "%s%s, %d vectors, table in BAR %d"
        .formatted(
            onOff(control & 1 << 15),
            (control & 1 << 14) != 0 ? ", masked" : "",
            (control & 0x7FF) + 1,
            table & 7);
  }

  private String vendor(int at) {
    int part = (int) config.read(at + 3, 1);
    boolean virtio =
        config.read(PciRegister.SUBSYSTEM_VENDOR_ID, 2) == VIRTIO
            && part > 0
            && part < VIRTIO_PARTS.length;
    return virtio
        ? "virtio %s, BAR %d at 0x%x, %d bytes"
            .formatted(
                VIRTIO_PARTS[part],
                config.read(at + 4, 1),
                config.read(at + 8, 4),
                config.read(at + 12, 4))
        : "";
  }

  private String express(int at) {
    long capabilities = config.read(at + 2, 2);
    String kind =
        switch ((int) capabilities >>> 4 & 0xF) {
          case 0 -> "endpoint";
          case 4 -> "root port";
          case 9 -> "root complex integrated endpoint";
          default -> "type " + (capabilities >>> 4 & 0xF);
        };
    List<String> words = new ArrayList<>(List.of(kind));
    if ((config.read(at + PciExpress.DEVICE_CAPABILITIES, 4) & 1 << 28) != 0) {
      words.add("function-level reset");
    }
    long control = config.read(at + PciExpress.DEVICE_CONTROL, 2);
    words.add("reports " + flags(control, "correctable", "non-fatal", "fatal", "unsupported"));
    if ((config.read(at + PciExpress.DEVICE_CONTROL_2, 2) & PciExpress.ARI_FORWARDING) != 0) {
      words.add("forwards to all functions");
    }
    if ((capabilities & PciExpress.SLOT_IMPLEMENTED) != 0) {
      words.add(slot(at));
    }
    return String.join(", ", words);
  }

  private String slot(int at) {
    boolean off = (config.read(at + PciExpress.SLOT_CONTROL, 2) & 1 << 10) != 0;
    boolean present = (config.read(at + PciExpress.SLOT_STATUS, 2) & 1 << 6) != 0;
    return "slot %d %s, power %s"
        .formatted(
            config.read(at + PciExpress.SLOT_CAPABILITIES, 4) >>> 19,
            present ? "occupied" : "empty",
            off ? "off" : "on");
  }

  private String errors(int at) {
    return "uncorrectable %08x masked %08x, correctable %08x masked %08x"
        .formatted(
            config.read(at + ErrorReporting.UNCORRECTABLE_STATUS, 4),
            config.read(at + ErrorReporting.UNCORRECTABLE_MASK, 4),
            config.read(at + ErrorReporting.CORRECTABLE_STATUS, 4),
            config.read(at + ErrorReporting.CORRECTABLE_MASK, 4));
  }

  private String access(int at) {
    return "enabled: "
        + flags(
            config.read(at + 6, 2),
            "source validation",
            "translation blocking",
            "request redirect",
            "completion redirect",
            "upstream forwarding");
  }

  private String next(int at) {
    return "next function " + config.read(at + 5, 1);
  }

  private String virtualFunctions(int at) {
    long control = config.read(at + 8, 2);
    return "%s, %d of %d functions, the first %d behind this, device ID %04x"
        .formatted(
            onOff(control & 1),
            config.read(at + 0x10, 2),
            config.read(at + 0x0E, 2),
            config.read(at + 0x14, 2),
            config.read(at + 0x1A, 2));
  }

  private static String onOff(long bits) {
    return bits != 0 ? "on" : "off";
  }

  private static String flags(long value, String... names) {
    List<String> set = new ArrayList<>();
    for (int bit = 0; bit < names.length; bit++) {
      if ((value & 1L << bit) != 0) {
        set.add(names[bit]);
      }
    }
    return set.isEmpty() ? "nothing" : String.join(" ", set);
  }
}
