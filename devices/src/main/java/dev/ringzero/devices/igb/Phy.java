package dev.ringzero.devices.igb;

import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;

/**
 * The transceiver, reached through MDIC. Its cable has a partner that speaks 1000 Mb/s in full
 * duplex and pause frames; negotiation takes no time.
 *
 * @spec IEEE 802.3, "Management functions" of clause 22; Intel 82576EB Gigabit Ethernet Controller
 *     Datasheet, "PHY Registers"
 */
final class Phy {
  private static final int ADDRESS = 1;
  private static final int REGISTERS = 32;
  private static final int MULTI_PAGE = 16; // the first register that depends on the page

  private static final int BMCR = 0; // Control
  private static final int BMSR = 1; // Status
  private static final int ID1 = 2;
  private static final int ID2 = 3;
  private static final int ANAR = 4; // Autonegotiation Advertisement
  private static final int ANLPAR = 5; // Link Partner Ability
  private static final int ANER = 6; // Autonegotiation Expansion
  private static final int CTRL1000 = 9; // 1000BASE-T Control
  private static final int STAT1000 = 10; // 1000BASE-T Status
  private static final int EXTSTAT = 15; // Extended Status
  private static final int PORT_STATUS = 17;
  private static final int PAGE_SELECT = 31;

  private static final int POWER_DOWN = 1 << 11; // BMCR
  private static final int LOOPBACK = 1 << 14; // BMCR
  private static final int SELF_CLEARING = 1 << 15 | 1 << 9; // BMCR: reset, restart negotiation
  private static final int BMCR_DEFAULT = 0x1140; // negotiation, full duplex, 1000 Mb/s
  private static final int BMSR_DEFAULT = 0x7949; // all kinds but 1000 Mb/s, which EXTSTAT tells
  private static final int LINK = 1 << 2; // BMSR
  private static final int NEGOTIATED = 1 << 5; // BMSR
  private static final int IDENTIFIER = 0x02A8_0391;
  private static final int PARTNER = 0x4DE1; // acknowledged, pause, 10 and 100 Mb/s
  private static final int PARTNER_1000 = 0x3C00; // receivers right, 1000 Mb/s
  private static final int SPEED_1000 = 3 << 14; // PORT_STATUS
  private static final int CABLE_LENGTH = 5 << 9; // what gain control tells of a short cable

  private static final int DATA = 0xFFFF; // MDIC
  private static final int REGISTER_SHIFT = 16;
  private static final int ADDRESS_SHIFT = 21;
  private static final int WRITE = 1 << 26;
  private static final int READ = 2 << 26;
  static final int READY = 1 << 28;
  static final int INTERRUPT_ENABLE = 1 << 29;
  private static final int ERROR = 1 << 30;

  private final int[] values = new int[REGISTERS];
  private boolean cable = true;

  Phy() {
    reset();
  }

  synchronized void reset() {
    java.util.Arrays.fill(values, 0);
    values[BMCR] = BMCR_DEFAULT;
    values[ANAR] = 0x01E1;
    values[CTRL1000] = 0x0300;
  }

  /** Plugs the cable in or pulls it. */
  synchronized void cable(boolean plugged) {
    cable = plugged;
  }

  synchronized boolean hasLink() {
    return cable && (values[BMCR] & POWER_DOWN) == 0 || isLoopback();
  }

  synchronized boolean isLoopback() {
    return (values[BMCR] & LOOPBACK) != 0;
  }

  /** Does what is written to MDIC; returns what that reads afterwards. */
  synchronized int access(int command) {
    int register = command >>> REGISTER_SHIFT & REGISTERS - 1;
    int done = command | READY;
    if ((command >>> ADDRESS_SHIFT & 31) != ADDRESS) {
      return done | ERROR;
    }
    if ((command & READ) != 0) {
      return done & ~DATA | read(register);
    }
    if ((command & WRITE) != 0) {
      write(register, command & DATA);
    }
    return done;
  }

  private int read(int register) {
    int page = values[PAGE_SELECT] & ~(REGISTERS - 1);
    if (register >= MULTI_PAGE && register != PAGE_SELECT && page != 0) {
      return register == PORT_STATUS ? CABLE_LENGTH : 0;
    }
    boolean link = hasLink();
    return switch (register) {
      case BMSR -> BMSR_DEFAULT | (link ? LINK | NEGOTIATED : 0);
      case ID1 -> IDENTIFIER >>> 16;
      case ID2 -> IDENTIFIER & DATA;
      case ANLPAR -> link ? PARTNER : 0;
      case ANER -> link ? 1 : 0;
      case STAT1000 -> link ? PARTNER_1000 : 0;
      case EXTSTAT -> 0x3000;
      case PORT_STATUS -> link ? SPEED_1000 : 0;
      default -> values[register];
    };
  }

  private void write(int register, int value) {
    if (register == BMCR && value >>> 15 != 0) {
      reset();
      return;
    }
    values[register] = register == BMCR ? value & ~SELF_CLEARING & ~0x3F : value;
  }

  synchronized void save(StateWriter out) {
    out.writeInts(values);
  }

  synchronized void restore(StateReader in) {
    in.readInts(values);
  }
}
