package dev.ringzero.devices.acpi;

import dev.ringzero.devices.power.PowerControl;
import dev.ringzero.devices.timing.Frequency;
import dev.ringzero.engine.Clock;
import dev.ringzero.engine.InterruptLine;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.memory.PortDevice;

/**
 * ACPI fixed hardware: PM1a events and control, the PM timer, and one block of general-purpose
 * events, laid out as in the I/O Controller Hub. The machine is always in ACPI mode, so there is no
 * SMI command port.
 *
 * <p>Not modelled: sleep states but S5, bus master and RTC wake status.
 *
 * @spec ACPI Specification 6.5, "ACPI Hardware Specification: Fixed Hardware Features"
 */
public final class AcpiPower implements PortDevice, Stateful {
  public static final int PORT = 0x600;
  public static final int PORTS = 0x30;
  public static final int PM1A_EVENT_PORT = PORT; // four ports
  public static final int PM1A_CONTROL_PORT = PORT + 0x04; // two ports
  public static final int PM_TIMER_PORT = PORT + 0x08; // four ports
  public static final int GPE0_PORT = PORT + 0x20; // status, then enable: two ports each
  public static final int GPE0_PORTS = 4;

  /** SLP_TYP of S5, to stand in the \_S5 package. */
  public static final int SLP_TYP_S5 = 5;

  private static final int PM1_STS = 0x00;
  private static final int PM1_EN = 0x02;
  private static final int PM1_CNT = 0x04;
  private static final int PM_TMR = 0x08;
  private static final int GPE0_STS = 0x20;
  private static final int GPE0_EN = 0x22;

  private static final int TMR_STS = 1 << 0; // PM timer's top bit changed
  private static final int PWRBTN_STS = 1 << 8; // Power Button
  private static final int WAK_STS = 1 << 15; // Wake
  private static final int EN_WRITABLE = 0x0721;
  private static final int STS_CLEARABLE = 0x8731;

  private static final int SCI_EN = 1 << 0; // ACPI mode
  private static final int SLP_TYP_SHIFT = 10;
  private static final int SLP_EN = 1 << 13;
  private static final int CNT_WRITABLE = 0x1C06;

  private static final Frequency TIMER = new Frequency(3_579_545);
  private static final int TIMER_TOP_BIT = 31;

  private final Clock clock;
  private final InterruptLine sci;
  private final PowerControl power;

  private int status;
  private int enable;
  private int control = SCI_EN;
  private int generalStatus;
  private int generalEnable;

  /** How often the timer's top bit had changed when TMR_STS was last worked out. */
  private long seenTopChanges;

  private Clock.Alarm alarm;

  /**
   * Makes the block.
   *
   * @param sci the System Control Interrupt: level-triggered, IRQ 9
   */
  public AcpiPower(Clock clock, InterruptLine sci, PowerControl power) {
    this.clock = clock;
    this.sci = sci;
    this.power = power;
  }

  /** Presses the power button: the guest's operating system is asked to shut down. */
  public synchronized void pressPowerButton() {
    status |= PWRBTN_STS;
    update();
  }

  /** Raises a general-purpose event, 0 to 15. */
  public synchronized void generalEvent(int number) {
    generalStatus |= 1 << number & 0xFFFF;
    update();
  }

  @Override
  public synchronized long readPort(int offset, int sizeBytes) {
    long value = 0;
    for (int i = 0; i < sizeBytes; i++) {
      int register = registerOf(offset + i);
      long part = readRegister(register) >>> 8 * (offset + i - register) & 0xFF;
      value |= part << 8 * i;
    }
    return value;
  }

  private static int registerOf(int offset) {
    return (offset & ~3) == PM_TMR ? PM_TMR : offset & ~1;
  }

  private long readRegister(int register) {
    return switch (register) {
      case PM1_STS -> {
        followTimer();
        yield status;
      }
      case PM1_EN -> enable;
      case PM1_CNT -> control;
      case PM_TMR -> TIMER.ticks(clock.nanoTime()) & 0xFFFF_FFFFL;
      case GPE0_STS -> generalStatus;
      case GPE0_EN -> generalEnable;
      default -> 0;
    };
  }

  @Override
  public void writePort(int offset, int sizeBytes, long value) {
    boolean switchesOff = false;
    synchronized (this) {
      for (int i = 0; i < sizeBytes; i++) {
        int register = registerOf(offset + i);
        int shift = 8 * (offset + i - register);
        int part = (int) (value >>> 8 * i) & 0xFF;
        switchesOff |= writeByte(register, 0xFF << shift, part << shift);
      }
      update();
    }
    if (switchesOff) {
      power.powerOff();
    }
  }

  /** Writes the bits under a mask; says whether that switches the machine off. */
  private boolean writeByte(int register, int mask, int value) {
    switch (register) {
      case PM1_STS -> {
        followTimer();
        status &= ~(value & STS_CLEARABLE);
      }
      case PM1_EN -> enable = (enable & ~mask | value) & EN_WRITABLE;
      case PM1_CNT -> {
        control = (control & ~mask | value) & CNT_WRITABLE | SCI_EN;
        return (value & SLP_EN) != 0 && control >>> SLP_TYP_SHIFT == SLP_TYP_S5;
      }
      case GPE0_STS -> generalStatus &= ~value;
      case GPE0_EN -> generalEnable = (generalEnable & ~mask | value) & 0xFFFF;
      default -> {}
    }
    return false;
  }

  private void followTimer() {
    long changes = TIMER.ticks(clock.nanoTime()) >>> TIMER_TOP_BIT;
    if (changes != seenTopChanges) {
      seenTopChanges = changes;
      status |= TMR_STS;
    }
  }

  private void update() {
    followTimer();
    sci.set((status & enable) != 0 || (generalStatus & generalEnable) != 0);
    if (alarm != null) {
      alarm.cancel();
      alarm = null;
    }
    if ((enable & ~status & TMR_STS) != 0) {
      alarm = clock.schedule(TIMER.nanos(seenTopChanges + 1 << TIMER_TOP_BIT), this::onAlarm);
    }
  }

  private synchronized void onAlarm() {
    update();
  }

  @Override
  public String stateName() {
    return "acpi";
  }

  @Override
  public int stateVersion() {
    return 1;
  }

  @Override
  public synchronized void save(StateWriter out) {
    out.writeInts(new int[] {status, enable, control, generalStatus, generalEnable});
    out.writeLong(seenTopChanges);
  }

  @Override
  public synchronized void restore(StateReader in, int version) {
    if (version != 1) {
      throw new StateException("ACPI state of version " + version);
    }
    int[] values = new int[5];
    in.readInts(values);
    status = values[0] & (STS_CLEARABLE | WAK_STS);
    enable = values[1] & EN_WRITABLE;
    control = values[2] & CNT_WRITABLE | SCI_EN;
    generalStatus = values[3] & 0xFFFF;
    generalEnable = values[4] & 0xFFFF;
    seenTopChanges = in.readLong();
    update();
  }
}
