package dev.ringzero.vmm.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.devices.power.PowerControl;
import dev.ringzero.engine.state.Stateful;
import dev.ringzero.memory.IoBus;
import dev.ringzero.testkit.FakeClock;
import dev.ringzero.testkit.SavedState;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BoardTest {
  private final FakeClock clock = new FakeClock();
  private final StringBuilder console = new StringBuilder();
  private final List<String> power = new ArrayList<>();
  private final LocalApics apics = new LocalApics(2, clock);
  private final Board board = newBoard();
  private final IoBus io = board.busOf(0);

  private Board newBoard() {
    return new Board(
        apics,
        clock,
        value -> {
          console.append((char) value);
          return true;
        },
        value -> true,
        new PowerControl() {
          @Override
          public void powerOff() {
            power.add("off");
          }

          @Override
          public void reset() {
            power.add("reset");
          }
        },
        java.util.Optional.empty());
  }

  private void route(int pin, long low) {
    io.write(BoardLayout.IOAPIC, 4, 0x10 + 2 * pin);
    io.write(BoardLayout.IOAPIC + 0x10, 4, low);
  }

  private void startTimer() {
    io.writePort(0x43, 1, 0x34);
    io.writePort(0x40, 1, 0x9C);
    io.writePort(0x40, 1, 0x2E);
  }

  @Test
  void timerArrivesThroughTheIoApic() {
    route(BoardLayout.TIMER_GSI, 0x30);
    startTimer();
    clock.advance(11_000_000);
    assertThat(apics.of(0).acknowledge()).isEqualTo(0x30);
  }

  @Test
  void timerArrivesThroughThe8259sByVirtualWire() {
    int[] words = {0x30, 0x04, 0x01, 0xFE};
    io.writePort(0x20, 1, 0x11);
    for (int word : words) {
      io.writePort(0x21, 1, word);
    }
    startTimer();
    clock.advance(11_000_000);
    assertThat(apics.of(0).pending()).isTrue();
    assertThat(apics.of(0).acknowledge()).isEqualTo(0x30);
    assertThat(apics.of(0).pending()).isFalse();
    assertThat(apics.of(1).pending()).isFalse();
  }

  @Test
  void levelTriggeredSystemControlInterruptEndsWithItsEoi() {
    route(BoardLayout.SCI, 0x8039);
    io.writePort(0x602, 2, 1 << 8);
    board.acpi().pressPowerButton();
    assertThat(apics.of(0).acknowledge()).isEqualTo(0x39);
    io.writePort(0x600, 2, 1 << 8);
    io.write(BoardLayout.LOCAL_APIC + 0xB0, 4, 0);
    assertThat(apics.of(0).pending()).isFalse();
    board.acpi().pressPowerButton();
    assertThat(apics.of(0).acknowledge()).isEqualTo(0x39);
  }

  @Test
  void everyProcessorSeesItsOwnLocalApic() {
    assertThat(board.busOf(0).read(BoardLayout.LOCAL_APIC + 0x20, 4)).isZero();
    assertThat(board.busOf(1).read(BoardLayout.LOCAL_APIC + 0x20, 4)).isEqualTo(1 << 24);
    assertThat(board.bus().claims(BoardLayout.LOCAL_APIC)).isFalse();
  }

  @Test
  void consoleIsTheFirstSerialPort() {
    io.writePort(0x3F8, 1, '!');
    assertThat(console).hasToString("!");
  }

  @Test
  void guestSwitchesOffAndResets() {
    io.writePort(0x604, 2, 5 << 10 | 1 << 13);
    io.writePort(0xCF9, 1, 0x0E);
    io.writePort(0x64, 1, 0xFE);
    io.writePort(0x92, 1, 1);
    assertThat(power).containsExactly("off", "reset", "reset", "reset");
  }

  @Test
  void functionsAreFoundByPortsAndByMemory() {
    io.writePort(0xCF8, 4, 0x8000_0000L | 31 << 11);
    assertThat(io.readPort(0xCFC, 4)).isEqualTo(0x2918_8086L);
    assertThat(io.read(BoardLayout.ECAM, 4)).isEqualTo(0x29C0_8086L);
  }

  @Test
  void everyUnitsStateSurvivesSavingAndRestoring() {
    startTimer();
    clock.advance(5_000_000);
    List<byte[]> saved = board.units().stream().map(SavedState::of).toList();
    List<Stateful> others = newBoard().units();
    for (int i = 0; i < others.size(); i++) {
      assertThat(SavedState.restoredInto(others.get(i), saved.get(i))).isEqualTo(saved.get(i));
    }
    assertThat(others.stream().map(Stateful::stateName)).doesNotHaveDuplicates();
  }
}
