package dev.ringzero.devices.igb;

import dev.ringzero.memory.DmaMemory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The driver of the physical function where the host keeps that to itself: it gives every virtual
 * function its address, keeps it to that, and answers the drivers of the virtual functions. It
 * neither sends nor receives.
 *
 * <p>Not modelled: further unicast addresses of a function, and more than 32 VLANs in all.
 */
public final class HostDriver {
  private static final int SET_LINK_UP = 1 << 6; // CTRL
  private static final int RESET_DONE = 1 << 14; // CTRL_EXT: PFRSTD
  private static final int RECEIVE = 1 << 1 | 1 << 5 | 1 << 18 | 1 << 26; // EN, LPE, VFE, SECRC
  private static final int TRANSMIT = 1 << 1; // TCTL: EN
  private static final int POOLS_BY_ADDRESS = 3; // MRQC
  private static final int REPLICATE_ONLY = 3 << 29; // VT_CTL: replication, no default pool
  private static final int LOOPBACK = 1 << 31; // DTXSWC
  private static final int NO_SPOOFING = 0xFFFF; // DTXSWC: addresses and VLANs of all pools
  private static final int STRIP = 3 << 30; // VMOLR, RPLOLR: CRC and VLAN tag
  private static final int ALL_MULTICAST = 1 << 28; // VMOLR: MPME
  private static final int BROADCAST_AND_GROUPS = 1 << 27 | 1 << 25 | 1 << 24; // BAM, ROMPE, AUPE
  private static final int LONG_PACKETS = 1 << 16; // VMOLR: LPE
  private static final int MOST_BYTES = 0x3FFF; // VMOLR: RLPML
  private static final int USUAL_BYTES = 1522;
  private static final int VECTORS = 1 << 4 | 1; // GPIE: MSI-X, causes are cleared by reading
  private static final int AUTO_MASK = 1 << 30; // GPIE: EIAME
  private static final int OTHER_CAUSES = 0x80 << 8; // IVAR_MISC: vector 0
  private static final int ADDRESS_VALID = 1 << 31; // RAH
  private static final int ADDRESS_POOL_SHIFT = 18; // RAH
  private static final int VLAN_VALID = 1 << 31; // VLVF
  private static final int VLAN_POOL_SHIFT = 12; // VLVF
  private static final int VLANS = 32;
  private static final int VLAN = 0xFFF;
  private static final int TABLE_WORDS = 128;

  private static final int TO_STATUS = 1 << 0; // P2VMAILBOX: STS
  private static final int TO_ACKNOWLEDGE = 1 << 1; // P2VMAILBOX: ACK
  private static final int BY_PF = 1 << 3; // P2VMAILBOX: PFU
  private static final int MAILBOX_BYTES = 64;

  private static final int FUNCTION_RESET = 1; // messages
  private static final int SET_ADDRESS = 2;
  private static final int SET_MULTICAST = 3;
  private static final int SET_VLAN = 4;
  private static final int SET_LENGTH = 5;
  private static final int SET_PROMISCUOUS = 6;
  private static final int CONTROL = 0x100;
  private static final int INFORMATION_SHIFT = 16;
  private static final int MULTICAST_ONLY = 2;
  private static final int MOST_HASHES = 30;
  private static final int ACKNOWLEDGED = 1 << 31;
  private static final int REFUSED = 1 << 30;
  private static final int CLEAR_TO_SEND = 1 << 29;

  private final Controller controller;
  private final long[] macs;
  private final int[][] hashes;
  private final boolean[] ready;

  /**
   * Takes the physical function, and makes virtual ones.
   *
   * @param macs addresses of the virtual functions, one each
   */
  public HostDriver(Controller controller, long[] macs) {
    this.controller = controller;
    this.macs = macs.clone();
    hashes = new int[macs.length][0];
    ready = new boolean[macs.length];
    controller.connect(Controller.PHYSICAL, new Side());
    controller.virtualFunctions(macs.length);
    setUp();
  }

  private void setUp() {
    write(Register.CTRL, SET_LINK_UP | 1);
    write(Register.MRQC, POOLS_BY_ADDRESS);
    write(Register.VT_CTL, REPLICATE_ONLY);
    write(Register.DTXSWC, LOOPBACK | NO_SPOOFING);
    write(Register.RPLOLR, STRIP);
    write(Register.VFRE, 0);
    write(Register.VFTE, 0);
    for (int word = 0; word < TABLE_WORDS; word++) {
      write(Register.VFTA + 4 * word, -1);
    }
    write(Register.GPIE, VECTORS | AUTO_MASK);
    write(Register.IVAR_MISC, OTHER_CAUSES);
    write(Register.EIAC, 1);
    write(Register.IMS, Cause.VMMB | Cause.LSC);
    write(Register.EIMS, 1);
    write(Register.RA + 4, 0);
    write(Register.RCTL, RECEIVE);
    write(Register.TCTL, TRANSMIT);
    write(Register.CTRL_EXT, RESET_DONE);
  }

  private int read(int register) {
    return controller.read(register);
  }

  private void write(int register, int value) {
    controller.write(register, value);
  }

  private void setBits(int register, int bits) {
    write(register, read(register) | bits);
  }

  private final class Side implements FunctionSide {
    private final AtomicInteger calls = new AtomicInteger();

    @Override
    public DmaMemory memory() {
      return null;
    }

    @Override
    public void signal(int vector) {
      serve();
    }

    @Override
    public void wakeTransmitter() {}

    /** Takes what came from outside on the thread that brings it; one at a time. */
    @Override
    public void wakeReceiver() {
      if (calls.getAndIncrement() > 0) {
        return;
      }
      int seen = 1;
      do {
        while (controller.receive(Controller.PHYSICAL)) {
          // There is more.
        }
        seen = calls.addAndGet(-seen);
      } while (seen > 0);
    }
  }

  /** Answers an interrupt. */
  private synchronized void serve() {
    int causes = read(Register.ICR);
    for (int function = 0; function < macs.length; function++) {
      if ((read(Register.VFLRE) >>> function & 1) != 0) {
        write(Register.VFLRE, 1 << function);
        forget(function);
      }
      int events = read(Register.MBVFICR) & 0x1_0001 << function;
      write(Register.MBVFICR, events);
      if ((events >>> function & 1) != 0) {
        answer(function);
      }
    }
    if ((causes & Cause.LSC) != 0) {
      tellOfLink();
    }
    write(Register.EIMS, 1);
  }

  /** Lets the drivers look at the link again. */
  private void tellOfLink() {
    for (int function = 0; function < macs.length; function++) {
      send(function, CONTROL | (ready[function] ? CLEAR_TO_SEND : 0));
    }
  }

  private void forget(int function) {
    ready[function] = false;
    hashes[function] = new int[0];
    fillMulticastTable();
    for (int i = 0; i < VLANS; i++) {
      leaveVlan(Register.VLVF + 4 * i, function);
    }
  }

  private int word(int function, int number) {
    return read(Register.VMBMEM + MAILBOX_BYTES * function + 4 * number);
  }

  private void word(int function, int number, int value) {
    write(Register.VMBMEM + MAILBOX_BYTES * function + 4 * number, value);
  }

  private void send(int function, int message) {
    int register = Register.P2VMAILBOX + 4 * function;
    write(register, BY_PF);
    if ((read(register) & BY_PF) != 0) {
      word(function, 0, message);
      write(register, TO_STATUS);
    }
  }

  private void answer(int function) {
    int message = word(function, 0);
    write(Register.P2VMAILBOX + 4 * function, TO_ACKNOWLEDGE);
    if ((message & (ACKNOWLEDGED | REFUSED)) != 0) {
      return;
    }
    if (message == FUNCTION_RESET) {
      start(function);
      return;
    }
    boolean done = ready[function] && perform(function, message);
    int clear = ready[function] ? CLEAR_TO_SEND : 0;
    send(function, message | (done ? ACKNOWLEDGED : REFUSED) | clear);
  }

  /** Lets a function run: its driver has reset it. */
  private void start(int function) {
    forget(function);
    int low = Integer.reverseBytes((int) (macs[function] >>> 16));
    int high = Short.reverseBytes((short) macs[function]) & 0xFFFF;
    int address = Register.RA + 8 * (function + 1);
    write(address, low);
    write(address + 4, ADDRESS_VALID | 1 << ADDRESS_POOL_SHIFT + function | high);
    write(Register.VMOLR + 4 * function, STRIP | BROADCAST_AND_GROUPS | LONG_PACKETS | USUAL_BYTES);
    setBits(Register.VFTE, 1 << function);
    setBits(Register.VFRE, 1 << function);
    ready[function] = true;
    word(function, 1, low);
    word(function, 2, high);
    send(function, FUNCTION_RESET | ACKNOWLEDGED);
  }

  /** Does what a function's driver asks for; false refuses it. */
  private boolean perform(int function, int message) {
    int information = message >>> INFORMATION_SHIFT & 0xFF;
    return switch (message & 0xFFFF) {
      case SET_ADDRESS -> mayHave(function, information);
      case SET_MULTICAST -> {
        hashes[function] = new int[Math.min(information, MOST_HASHES)];
        for (int i = 0; i < hashes[function].length; i++) {
          hashes[function][i] = word(function, 1 + i / 2) >>> 16 * (i % 2) & 0xFFF;
        }
        fillMulticastTable();
        yield true;
      }
      case SET_VLAN ->
          information != 0
              ? joinVlan(word(function, 1) & VLAN, function)
              : leaveVlan(find(word(function, 1) & VLAN), function);
      case SET_LENGTH -> {
        int others = read(Register.VMOLR + 4 * function) & ~MOST_BYTES;
        write(Register.VMOLR + 4 * function, others | word(function, 1) & MOST_BYTES);
        yield true;
      }
      case SET_PROMISCUOUS -> {
        int others = read(Register.VMOLR + 4 * function) & ~ALL_MULTICAST;
        int all = (information & MULTICAST_ONLY) != 0 ? ALL_MULTICAST : 0;
        write(Register.VMOLR + 4 * function, others | all);
        yield (information & ~MULTICAST_ONLY) == 0;
      }
      default -> false;
    };
  }

  /** A function keeps the address that it was given, and has no further ones to clear. */
  private boolean mayHave(int function, int information) {
    if (information != 0) {
      return information == 1;
    }
    long low = Integer.reverseBytes(word(function, 1)) & 0xFFFF_FFFFL;
    int high = Short.reverseBytes((short) word(function, 2)) & 0xFFFF;
    return (low << 16 | high) == macs[function];
  }

  private void fillMulticastTable() {
    int[] table = new int[TABLE_WORDS];
    for (int[] ofFunction : hashes) {
      for (int hash : ofFunction) {
        table[hash >>> 5] |= 1 << hash;
      }
    }
    for (int word = 0; word < TABLE_WORDS; word++) {
      write(Register.MTA + 4 * word, table[word]);
    }
  }

  /** The filter of a VLAN; 0 if there is none. */
  private int find(int vlan) {
    for (int i = 0; i < VLANS; i++) {
      int filter = read(Register.VLVF + 4 * i);
      if ((filter & VLAN_VALID) != 0 && (filter & VLAN) == vlan) {
        return Register.VLVF + 4 * i;
      }
    }
    return 0;
  }

  private boolean joinVlan(int vlan, int function) {
    int register = find(vlan);
    for (int i = 0; register == 0 && i < VLANS; i++) {
      if (read(Register.VLVF + 4 * i) == 0) {
        register = Register.VLVF + 4 * i;
      }
    }
    if (register != 0) {
      setBits(register, VLAN_VALID | vlan | 1 << VLAN_POOL_SHIFT + function);
    }
    return register != 0;
  }

  private boolean leaveVlan(int register, int function) {
    if (register != 0) {
      int left = read(register) & ~(1 << VLAN_POOL_SHIFT + function);
      boolean used = (left >>> VLAN_POOL_SHIFT & 0xFF) != 0;
      write(register, used ? left : 0);
    }
    return true;
  }
}
