package dev.ringzero.devices.igb;

/**
 * The EEPROM and the semaphores before it.
 *
 * <p>Not modelled: writing it, the serial interface.
 *
 * @spec Intel 82576EB Gigabit Ethernet Controller Datasheet, "Non-Volatile Memory Map - EEPROM"
 */
final class Nvm {
  private static final int WORDS = 1024;
  private static final int SIZE_EXPONENT = 4 << 11; // EECD: 64 words << 4
  private static final int REQUEST = 1 << 6; // EECD
  private static final int GRANT = 1 << 7; // EECD
  private static final int PRESENT = 1 << 8; // EECD
  private static final int AUTO_READ_DONE = 1 << 9; // EECD
  private static final int READ_ONLY = GRANT | PRESENT | AUTO_READ_DONE | 0xF << 11;

  private static final int START = 1 << 0; // EERD
  private static final int DONE = 1 << 1; // EERD
  private static final int ADDRESS_SHIFT = 2;
  private static final int ADDRESS_MASK = 0x3FFF;
  private static final int DATA_SHIFT = 16;

  private static final int CONFIGURATION_DONE = 1 << 18; // EEMNGCTL
  private static final int SMBI = 1 << 0; // SWSM: taken by who read it as zero

  private static final int CHECKSUM = 0x3F;
  private static final int CHECKSUM_TOTAL = 0xBABA;

  private final RegisterFile registers;
  private final int[] words = new int[WORDS];

  Nvm(RegisterFile registers, long mac) {
    this.registers = registers;
    for (int i = 0; i < 3; i++) {
      words[i] = Short.reverseBytes((short) (mac >>> 32 - 16 * i)) & 0xFFFF;
    }
    words[0x04] = 0xFFFF; // identification LEDs: as the driver likes
    words[0x08] = 0xFFFF; // no number of the board
    words[0x09] = 0xFFFF;
    words[0x0B] = Identity.SUBSYSTEM;
    words[0x0C] = Identity.INTEL;
    words[0x0D] = Identity.PHYSICAL;
    words[0x0E] = Identity.INTEL;
    words[0x37] = 0xFFFF; // no other MAC address
    int sum = 0;
    for (int i = 0; i < CHECKSUM; i++) {
      sum += words[i];
    }
    words[CHECKSUM] = CHECKSUM_TOTAL - sum & 0xFFFF;
  }

  void reset() {
    registers.set(Register.EECD, PRESENT | AUTO_READ_DONE | SIZE_EXPONENT);
    registers.set(Register.EEMNGCTL, CONFIGURATION_DONE);
  }

  void writeControl(int value) {
    int kept = registers.get(Register.EECD) & READ_ONLY & ~GRANT;
    int grant = (value & REQUEST) != 0 ? GRANT : 0;
    registers.set(Register.EECD, kept | grant | value & ~READ_ONLY);
  }

  void startRead(int value) {
    int address = value >>> ADDRESS_SHIFT & ADDRESS_MASK;
    boolean right = (value & START) != 0 && address < WORDS;
    int data = right ? words[address] << DATA_SHIFT | DONE : 0;
    registers.set(Register.EERD, data | address << ADDRESS_SHIFT);
  }

  int readSemaphore() {
    return registers.setBits(Register.SWSM, SMBI);
  }
}
