package dev.ringzero.devices.igb;

import dev.ringzero.engine.Clock;

/**
 * What reading and writing the registers of the physical function does. A register that is not
 * named here keeps what is written.
 *
 * @spec Intel 82576EB Gigabit Ethernet Controller Datasheet, "Programming Interface"
 */
final class PhysicalRegisters {
  private static final int RESET = 1 << 26; // CTRL: RST
  private static final int FULL_DUPLEX = 1 << 0; // CTRL
  private static final int RESET_DONE = 1 << 14; // CTRL_EXT: PFRSTD
  private static final int EEPROM_RESET = 1 << 13; // CTRL_EXT: EE_RST
  private static final int ADDRESS_VALID = 1 << 31; // RAH
  private static final int SPLIT_DEFAULT = 0x0400; // SRRCTL
  private static final int RECEIVER_WRITABLE = 0x07FF_FFFE; // RCTL
  private static final int RECEIVER_RESERVED = 1 << 0; // RCTL
  private static final int VLAN_TYPE = 0x8100_8100; // VET
  private static final int CHECK_ALL = 3 << 8; // RXCSUM: IPOFLD, TUOFLD
  private static final int LONGEST = 0x2600; // RLPML
  private static final int ALL_POOLS = 0xFF; // VFRE, VFTE
  private static final int STRIP_CRC = 1 << 31; // VMOLR, RPLOLR: STRCRC
  private static final int TELL_OF_SPOOFING = 1 << 6; // DTXCTL: SPOOF_INT
  private static final int NANOS_A_MICRO = 1000;
  private static final int POOL_REGISTERS = 4 * Controller.POOLS;

  private final Controller controller;
  private final RegisterFile registers;
  private final Interrupts interrupts;
  private final Clock clock;
  private final SystemTime time;

  PhysicalRegisters(Controller controller, Clock clock) {
    this.controller = controller;
    this.clock = clock;
    registers = controller.registers();
    interrupts = controller.interrupts();
    time = new SystemTime(registers, clock);
  }

  /** Puts into registers what they hold after a reset; counters of pools go on. */
  void reset(long mac) {
    registers.clear(0, Register.VF_REGISTERS);
    registers.clear(Register.VTIVAR, RegisterFile.BYTES);
    registers.set(Register.CTRL, FULL_DUPLEX);
    registers.set(Register.VET, VLAN_TYPE);
    registers.set(Register.RXCSUM, CHECK_ALL);
    registers.set(Register.RLPML, LONGEST);
    registers.set(Register.RA, Integer.reverseBytes((int) (mac >>> 16)));
    registers.set(Register.RA + 4, ADDRESS_VALID | Short.reverseBytes((short) mac) & 0xFFFF);
    registers.set(Register.VFRE, ALL_POOLS);
    registers.set(Register.VFTE, ALL_POOLS);
    registers.set(Register.RPLOLR, STRIP_CRC);
    registers.set(Register.DTXCTL, TELL_OF_SPOOFING);
    for (int pool = 0; pool < Controller.POOLS; pool++) {
      registers.set(Register.VMOLR + 4 * pool, STRIP_CRC | LONGEST);
    }
    for (int queue = 0; queue < Controller.QUEUES; queue++) {
      int at = Register.RX_QUEUES + Register.QUEUE_BYTES * queue;
      registers.set(at + Register.SRRCTL, SPLIT_DEFAULT);
    }
  }

  /** Queue registers of the aliases are those of the first four queues. */
  static int canonical(int offset) {
    int block = offset & ~0x3FF;
    boolean aliased =
        (block == Register.RX_QUEUE || block == Register.TX_QUEUE)
            && (offset & Register.ALIAS_BYTES - 1) < Register.QUEUE_BYTES;
    if (!aliased) {
      return offset;
    }
    int queue = offset >>> 8 & Register.ALIASES - 1;
    int start = block == Register.RX_QUEUE ? Register.RX_QUEUES : Register.TX_QUEUES;
    return start + Register.QUEUE_BYTES * queue + (offset & Register.QUEUE_BYTES - 1);
  }

  int read(int offset) {
    if (offset >= Statistics.START && offset < Statistics.END) {
      return controller.statistics().read(offset);
    }
    return switch (offset) {
      case Register.CTRL_ALIAS -> registers.get(Register.CTRL);
      case Register.STATUS -> controller.link().status(controller.virtualFunctions());
      case Register.ICR -> interrupts.readCauses();
      case Register.IMC -> registers.get(Register.IMS);
      case Register.EICR -> interrupts.takeExtended(-1);
      case Register.EIMC -> registers.get(Register.EIMS);
      case Register.ICS, Register.EICS -> 0;
      case Register.SWSM -> controller.nvm().readSemaphore();
      case Register.WVBR -> registers.take(Register.WVBR);
      case Register.FRTIMER -> (int) (clock.nanoTime() / NANOS_A_MICRO);
      case Register.SYSTIML -> time.low();
      case Register.SYSTIMH -> time.high();
      default -> registers.get(canonical(offset));
    };
  }

  void write(int offset, int value) {
    int at = canonical(offset);
    if (at >= Register.RX_QUEUES && at < Register.RX_QUEUES + 16 * Register.QUEUE_BYTES) {
      writeReceiveQueue(at, value);
    } else if (at >= Register.TX_QUEUES && at < Register.TX_QUEUES + 16 * Register.QUEUE_BYTES) {
      writeTransmitQueue(at, value);
    } else if (at >= Register.P2VMAILBOX && at < Register.P2VMAILBOX + POOL_REGISTERS) {
      controller.mailbox().writeByPf(at - Register.P2VMAILBOX >>> 2, value);
    } else if (!isReadOnly(at)) {
      writeOther(at, value);
    }
  }

  private static boolean isReadOnly(int offset) {
    return offset == Register.STATUS
        || offset == Register.FRTIMER
        || offset == Register.WVBR
        || offset >= Statistics.START && offset < Statistics.END
        || offset >= Register.V2PMAILBOX && offset < Register.V2PMAILBOX + POOL_REGISTERS
        || offset >= Register.VF_REGISTERS && offset < Register.VTIVAR;
  }

  private void writeOther(int offset, int value) {
    switch (offset) {
      case Register.CTRL, Register.CTRL_ALIAS -> control(value);
      case Register.CTRL_EXT -> extendedControl(value);
      case Register.EECD -> controller.nvm().writeControl(value);
      case Register.EERD -> controller.nvm().startRead(value);
      case Register.MDIC -> controller.link().accessPhy(value);
      case Register.ICR -> interrupts.acknowledgeCauses(value);
      case Register.ICS -> interrupts.cause(value & Cause.ALL);
      case Register.IMS -> interrupts.unmaskCauses(value);
      case Register.IMC -> interrupts.maskCauses(value);
      case Register.EICR -> interrupts.acknowledge(value);
      case Register.EICS -> interrupts.raise(value);
      case Register.EIMS -> interrupts.unmask(value);
      case Register.EIMC -> interrupts.mask(value);
      case Register.MBVFICR, Register.VFLRE -> registers.clearBits(offset, value);
      case Register.RCTL -> {
        registers.set(offset, value & RECEIVER_WRITABLE & ~RECEIVER_RESERVED);
        wakeAll();
      }
      case Register.TCTL, Register.VFTE, Register.VFRE -> {
        registers.set(offset, value);
        wakeAll();
      }
      case Register.SYSTIML, Register.SYSTIMH, Register.TIMINCA -> time.write(offset, value);
      default -> registers.set(offset, value);
    }
  }

  private void control(int value) {
    if ((value & RESET) != 0) {
      controller.reset();
    } else {
      controller.link().control(value);
    }
  }

  private void extendedControl(int value) {
    registers.set(Register.CTRL_EXT, value & ~EEPROM_RESET);
    if ((value & RESET_DONE) != 0) {
      controller.mailbox().resetDone();
    }
  }

  private void wakeAll() {
    for (int pool = 0; pool < Controller.POOLS; pool++) {
      controller.owner(pool).wakeTransmitter();
      controller.owner(pool).wakeReceiver();
    }
  }

  private void writeReceiveQueue(int at, int value) {
    int queue = (at - Register.RX_QUEUES) / Register.QUEUE_BYTES;
    int register = at & Register.QUEUE_BYTES - 1;
    if (register == Register.DCTL) {
      controller.receiveQueue(queue).control(value);
    } else {
      registers.set(at, QueueRegisters.writable(register, value));
    }
    FunctionSide owner = controller.owner(queue % Controller.POOLS);
    if (register == Register.TAIL) {
      owner.rang();
    }
    if (register == Register.DCTL || register == Register.TAIL) {
      owner.wakeReceiver();
    }
  }

  private void writeTransmitQueue(int at, int value) {
    int queue = (at - Register.TX_QUEUES) / Register.QUEUE_BYTES;
    int register = at & Register.QUEUE_BYTES - 1;
    if (register == Register.DCTL) {
      controller.transmitQueue(queue).control(value);
    } else {
      registers.set(at, QueueRegisters.writable(register, value));
    }
    FunctionSide owner = controller.owner(queue % Controller.POOLS);
    if (register == Register.TAIL) {
      owner.rang();
    }
    if (register == Register.DCTL || register == Register.TAIL) {
      owner.wakeTransmitter();
    }
  }
}
