package dev.ringzero.devices.igb;

/**
 * The registers of a virtual function: a window to what of the controller is its own. What is not
 * named here reads as zero and keeps nothing.
 *
 * @spec Intel 82576EB Gigabit Ethernet Controller Datasheet, "Virtual Function Device"
 */
final class VirtualRegisters {
  static final int BYTES = 0x4000;

  private static final int RESET = 1 << 26; // VTCTRL: RST
  private static final int VECTORS = 7;
  private static final int MAILBOX_BYTES = 64;
  private static final int QUEUES = 2;
  private static final int COUNTERS = 0x0F00;
  private static final int COUNTERS_END = 0x0F54;
  private static final int NOTHING = -1;

  private final Controller controller;
  private final int number;
  private final int shift;

  VirtualRegisters(Controller controller, int number) {
    this.controller = controller;
    this.number = number;
    shift = Interrupts.firstVector(number);
  }

  int read(int offset) {
    RegisterFile registers = controller.registers();
    return switch (offset) {
      case Register.CTRL, Register.CTRL_ALIAS -> 0;
      case Register.STATUS, Register.FRTIMER -> controller.read(offset);
      case Register.EICS -> 0;
      case Register.EIMS, Register.EIMC -> own(registers.get(Register.EIMS));
      case Register.EIAC, Register.EIAM -> own(registers.get(offset));
      case Register.EICR -> own(controller.interrupts().takeExtended(VECTORS << shift));
      case Register.V2PMAILBOX -> controller.mailbox().readByVf(number);
      default -> {
        int place = place(offset);
        yield place == NOTHING ? 0 : registers.get(place);
      }
    };
  }

  private int own(int word) {
    return word >>> shift & VECTORS;
  }

  void write(int offset, int value) {
    int vectors = (value & VECTORS) << shift;
    switch (offset) {
      case Register.CTRL, Register.CTRL_ALIAS -> {
        if ((value & RESET) != 0) {
          controller.resetFunction(number);
        }
      }
      case Register.EICS -> controller.interrupts().raise(vectors);
      case Register.EIMS -> controller.interrupts().unmask(vectors);
      case Register.EIMC -> controller.interrupts().mask(vectors);
      case Register.EIAC, Register.EIAM -> {
        controller.registers().clearBits(offset, VECTORS << shift);
        controller.registers().setBits(offset, vectors);
      }
      case Register.EICR -> controller.interrupts().acknowledge(vectors);
      case Register.V2PMAILBOX -> controller.mailbox().writeByVf(number, value);
      default -> {
        int place = isCounter(offset) ? NOTHING : place(offset);
        if (place != NOTHING) {
          controller.write(place, value);
        }
      }
    }
  }

  private static boolean isCounter(int offset) {
    return offset >= COUNTERS && offset < COUNTERS_END;
  }

  /** Where a register of the function lies among those of the controller. */
  private int place(int offset) {
    if (offset >= Register.VMBMEM && offset < Register.VMBMEM + MAILBOX_BYTES) {
      return offset + MAILBOX_BYTES * number;
    }
    if (offset >= Register.EITR && offset < Register.EITR + 4 * Interrupts.VECTORS_A_FUNCTION) {
      return offset + 4 * shift;
    }
    if (isCounter(offset)) {
      return Register.VF_REGISTERS + 0x100 * number + offset - COUNTERS;
    }
    return switch (offset) {
      case Register.IVAR -> Register.VTIVAR + 4 * number;
      case Register.IVAR_MISC -> Register.VTIVAR_MISC + 4 * number;
      default -> queuePlace(offset);
    };
  }

  private int queuePlace(int offset) {
    boolean receives = offset >= Register.RX_QUEUE && offset < end(Register.RX_QUEUE);
    boolean transmits = offset >= Register.TX_QUEUE && offset < end(Register.TX_QUEUE);
    int field = offset & Register.ALIAS_BYTES - 1;
    if (!receives && !transmits || field >= Register.QUEUE_BYTES) {
      return NOTHING;
    }
    int queue = number + Controller.POOLS * (offset >>> 8 & 1);
    int start = receives ? Register.RX_QUEUES : Register.TX_QUEUES;
    return start + Register.QUEUE_BYTES * queue + field;
  }

  private static int end(int start) {
    return start + QUEUES * Register.ALIAS_BYTES;
  }
}
