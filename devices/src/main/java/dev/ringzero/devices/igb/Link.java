package dev.ringzero.devices.igb;

import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;

/** The link as the MAC sees it, and the transceiver. */
final class Link {
  private static final int MASTER_DISABLE = 1 << 2; // CTRL
  private static final int SET_LINK_UP = 1 << 6; // CTRL
  private static final int PHY_RESET = 1 << 31; // CTRL

  private static final int FULL_DUPLEX = 1 << 0; // STATUS
  private static final int LINK_UP = 1 << 1; // STATUS
  private static final int SPEED_1000 = 2 << 6; // STATUS
  private static final int VFS_SHIFT = 14; // STATUS
  private static final int IOV = 1 << 18; // STATUS
  private static final int MASTER_ENABLED = 1 << 19; // STATUS

  private static final int LOOPBACK_MODE = 3 << 6; // RCTL

  private final RegisterFile registers;
  private final Interrupts interrupts;
  private final Phy phy = new Phy();
  private boolean wasUp;

  Link(RegisterFile registers, Interrupts interrupts) {
    this.registers = registers;
    this.interrupts = interrupts;
  }

  void cable(boolean plugged) {
    phy.cable(plugged);
    follow();
  }

  boolean isUp() {
    return phy.hasLink() && registers.has(Register.CTRL, SET_LINK_UP);
  }

  /** Whether what is sent comes back at once. */
  boolean isLoopback() {
    return phy.isLoopback() || registers.has(Register.RCTL, LOOPBACK_MODE);
  }

  int status(int virtualFunctions) {
    return FULL_DUPLEX
        | SPEED_1000
        | (isUp() ? LINK_UP : 0)
        | virtualFunctions << VFS_SHIFT
        | (virtualFunctions != 0 ? IOV : 0)
        | (registers.has(Register.CTRL, MASTER_DISABLE) ? 0 : MASTER_ENABLED);
  }

  /** Follows what is written to CTRL. */
  void control(int value) {
    if ((value & PHY_RESET) != 0) {
      phy.reset();
    }
    registers.set(Register.CTRL, value & ~PHY_RESET);
    follow();
  }

  void accessPhy(int command) {
    registers.set(Register.MDIC, phy.access(command));
    follow();
    if ((command & Phy.INTERRUPT_ENABLE) != 0) {
      interrupts.cause(Cause.MDAC);
    }
  }

  /** Tells of a link that came or went. */
  private void follow() {
    boolean up = isUp();
    boolean changed;
    synchronized (this) {
      changed = up != wasUp;
      wasUp = up;
    }
    if (changed) {
      interrupts.cause(Cause.LSC);
    }
  }

  synchronized void save(StateWriter out) {
    out.writeBoolean(wasUp);
    phy.save(out);
  }

  synchronized void restore(StateReader in) {
    wasUp = in.readBoolean();
    phy.restore(in);
  }
}
