package dev.ringzero.devices.pic;

import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;

/**
 * One 8259A. Called under the lock of its {@link Pic}.
 *
 * <p>Not modelled: 8080 mode, buffered mode.
 *
 * @spec Intel 8259A datasheet; Intel I/O Controller Hub datasheet, "8259 Interrupt Controllers"
 */
final class Pic8259 {
  static final int NONE = -1;

  /** The input of which a spurious interrupt takes the vector. */
  private static final int SPURIOUS = 7;

  private static final int ICW1 = 1 << 4; // initialization starts
  private static final int ICW1_IC4 = 1 << 0; // ICW4 follows
  private static final int ICW1_SNGL = 1 << 1; // single, no ICW3
  private static final int ICW4_AEOI = 1 << 1; // Automatic EOI
  private static final int ICW4_SFNM = 1 << 4; // Special Fully Nested Mode
  private static final int OCW3 = 1 << 3;
  private static final int OCW3_POLL = 1 << 2;

  /** Inputs behind which another chip sits; they follow its output. */
  private final int cascade;

  private final int elcrWritable;

  private int lines; // levels of the inputs
  private int irr; // Interrupt Request
  private int isr; // In-Service
  private int imr = 0xFF; // Interrupt Mask; undefined at power-on, and nobody wants surprises
  private int elcr; // Edge/Level Control: set bits are level-triggered
  private int vectorBase;
  private int lowestPriority = 7;
  private int nextWord; // ICW2 to ICW4, or 0 when initialized
  private int icw1;
  private boolean automaticEoi;
  private boolean rotateOnAutomaticEoi;
  private boolean specialFullyNested;
  private boolean specialMask;
  private boolean readsIsr;
  private boolean polled;

  Pic8259(int cascade, int elcrWritable) {
    this.cascade = cascade;
    this.elcrWritable = elcrWritable;
  }

  void drive(int input, boolean asserted) {
    int bit = 1 << input;
    boolean rising = asserted && (lines & bit) == 0;
    lines = asserted ? lines | bit : lines & ~bit;
    if (((elcr | cascade) & bit) != 0) {
      irr = asserted ? irr | bit : irr & ~bit;
    } else if (rising) {
      irr |= bit;
    }
  }

  /** Whether INT is active. */
  boolean requests() {
    return highestRequest() != NONE;
  }

  private int highestRequest() {
    int requests = irr & ~imr;
    if (requests == 0) {
      return NONE;
    }
    int blocking = specialMask ? isr & ~imr : isr;
    if (specialFullyNested) {
      blocking &= ~cascade;
    }
    for (int i = 1; i <= 8; i++) {
      int input = lowestPriority + i & 7;
      if ((blocking >>> input & 1) != 0) {
        return NONE;
      }
      if ((requests >>> input & 1) != 0) {
        return input;
      }
    }
    return NONE;
  }

  /**
   * Takes the highest request into service, as INTA does.
   *
   * @return the input, or the spurious one if nothing requests any more
   */
  int acknowledge() {
    int input = highestRequest();
    if (input == NONE) {
      return SPURIOUS;
    }
    int bit = 1 << input;
    if ((elcr & bit) == 0) {
      irr &= ~bit;
    }
    if (!automaticEoi) {
      isr |= bit;
    } else if (rotateOnAutomaticEoi) {
      lowestPriority = input;
    }
    return input;
  }

  int vector(int input) {
    return vectorBase + input;
  }

  int read(int offset) {
    if (polled) {
      polled = false;
      return requests() ? 0x80 | acknowledge() : 0;
    }
    if (offset != 0) {
      return imr;
    }
    return readsIsr ? isr : irr;
  }

  void write(int offset, int value) {
    if (offset == 0) {
      writeCommand(value);
    } else {
      writeData(value);
    }
  }

  private void writeCommand(int value) {
    if ((value & ICW1) != 0) {
      initialize(value);
    } else if ((value & OCW3) != 0) {
      writeOcw3(value);
    } else {
      writeOcw2(value >>> 5, value & 7);
    }
  }

  private void initialize(int value) {
    icw1 = value;
    nextWord = 2;
    irr &= elcr | cascade;
    isr = 0;
    imr = 0;
    lowestPriority = 7;
    automaticEoi = false;
    rotateOnAutomaticEoi = false;
    specialFullyNested = false;
    specialMask = false;
    readsIsr = false;
    polled = false;
  }

  private void writeOcw3(int value) {
    polled = (value & OCW3_POLL) != 0;
    if ((value & 2) != 0) {
      readsIsr = (value & 1) != 0;
    }
    if ((value & 0x40) != 0) {
      specialMask = (value & 0x20) != 0;
    }
  }

  private void writeOcw2(int command, int level) {
    switch (command) {
      case 0 -> rotateOnAutomaticEoi = false;
      case 4 -> rotateOnAutomaticEoi = true;
      case 1 -> endHighest(false);
      case 5 -> endHighest(true);
      case 3 -> isr &= ~(1 << level);
      case 7 -> {
        isr &= ~(1 << level);
        lowestPriority = level;
      }
      case 6 -> lowestPriority = level;
      default -> {}
    }
  }

  private void endHighest(boolean rotate) {
    int candidates = specialMask ? isr & ~imr : isr;
    for (int i = 1; i <= 8; i++) {
      int input = lowestPriority + i & 7;
      if ((candidates >>> input & 1) != 0) {
        isr &= ~(1 << input);
        if (rotate) {
          lowestPriority = input;
        }
        return;
      }
    }
  }

  private void writeData(int value) {
    switch (nextWord) {
      case 2 -> {
        vectorBase = value & 0xF8;
        nextWord = (icw1 & ICW1_SNGL) == 0 ? 3 : wordAfterIcw3();
      }
      case 3 -> nextWord = wordAfterIcw3();
      case 4 -> {
        automaticEoi = (value & ICW4_AEOI) != 0;
        specialFullyNested = (value & ICW4_SFNM) != 0;
        nextWord = 0;
      }
      default -> imr = value;
    }
  }

  private int wordAfterIcw3() {
    return (icw1 & ICW1_IC4) != 0 ? 4 : 0;
  }

  int elcr() {
    return elcr;
  }

  void elcr(int value) {
    elcr = value & elcrWritable;
    irr = irr & ~elcr | lines & elcr;
  }

  void save(StateWriter out) {
    int[] values = {lines, irr, isr, imr, elcr, vectorBase, lowestPriority, nextWord, icw1};
    out.writeInts(values);
    out.writeBoolean(automaticEoi);
    out.writeBoolean(rotateOnAutomaticEoi);
    out.writeBoolean(specialFullyNested);
    out.writeBoolean(specialMask);
    out.writeBoolean(readsIsr);
    out.writeBoolean(polled);
  }

  void restore(StateReader in) {
    int[] values = new int[9];
    in.readInts(values);
    lines = values[0] & 0xFF;
    irr = values[1] & 0xFF;
    isr = values[2] & 0xFF;
    imr = values[3] & 0xFF;
    elcr = values[4] & elcrWritable;
    vectorBase = values[5] & 0xF8;
    lowestPriority = values[6] & 7;
    nextWord = values[7];
    icw1 = values[8] & 0xFF;
    automaticEoi = in.readBoolean();
    rotateOnAutomaticEoi = in.readBoolean();
    specialFullyNested = in.readBoolean();
    specialMask = in.readBoolean();
    readsIsr = in.readBoolean();
    polled = in.readBoolean();
  }
}
