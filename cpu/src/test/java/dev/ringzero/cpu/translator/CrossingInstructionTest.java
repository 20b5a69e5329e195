package dev.ringzero.cpu.translator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ringzero.cpu.GuestFixture;
import dev.ringzero.engine.Register;
import dev.ringzero.x86.ExitReason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Instructions that begin in one page and end in the next. */
class CrossingInstructionTest {
  private static final long END = GuestFixture.CODE + 0x1000;
  private static final long OTHER = GuestFixture.DATA;
  private static final long PD = 0x4000;
  private static final long PT = 0x5000;

  private final GuestFixture guest = new GuestFixture(true);

  @BeforeAll
  static void needsAHostThatCanRunIt() {
    TranslatingExecutor.whyNot().ifPresent(reason -> assumeTrue(false, reason));
  }

  /** Maps the first 2 MiB by small pages, so that single ones can change. */
  @BeforeEach
  void mapSmallPages() {
    guest.memory.write64(0x2000, PD | 3);
    guest.memory.write64(PD, PT | 3);
    guest.memory.write64(PD + 8, 0x20_0083);
    for (int n = 0; n < 512; n++) {
      guest.memory.write64(PT + 8 * n, n << 12 | 3);
    }
  }

  @AfterEach
  void close() {
    guest.close();
  }

  /** A loop around {@code add rax, imm32} of which one byte lies in the first page. */
  private void loop(int times) {
    guest.bytes(END - 1, "48 05 01 00 00 00  FF C9  75 F6  F4"); // add rax,1; dec ecx; jnz; hlt
    guest.set(Register.RAX, 0).set(Register.RCX, times).set(Register.RIP, END - 1);
    guest.toHalt();
  }

  @Test
  void theyRunNatively() {
    loop(10_000);
    assertThat(guest.get(Register.RAX)).isEqualTo(10_000);
    assertThat(guest.cpu.statistics().interpreted()).isLessThan(100);
  }

  @Test
  void aWriteToTheirSecondPageChangesThem() {
    loop(10);
    guest.bytes(END + 1, "05");
    guest.set(Register.RAX, 0).set(Register.RCX, 10).set(Register.RIP, END - 1).toHalt();
    assertThat(guest.get(Register.RAX)).isEqualTo(50);
  }

  @Test
  void theirSecondPageIsTheOneThatIsMapped() {
    loop(10);
    guest.bytes(OTHER, "05 07 00 00 00  FF C9  75 F6  F4");
    guest.memory.write64(PT + 8 * (END >>> 12), OTHER | 3);
    guest.set(Register.RDI, END);
    guest.run("0F 01 3F"); // invlpg [rdi]
    guest.set(Register.RAX, 0).set(Register.RCX, 10).set(Register.RIP, END - 1).toHalt();
    assertThat(guest.get(Register.RAX)).isEqualTo(70);
  }

  @Test
  void theyFaultWhereTheirSecondPageIsMissing() {
    loop(10);
    guest.memory.write64(PT + 8 * (END >>> 12), 0);
    guest.set(Register.RDI, END);
    guest.run("0F 01 3F");
    guest.set(Register.RAX, 0).set(Register.RIP, END - 1);
    assertThat(guest.runUntilExit()).isEqualTo(ExitReason.TRIPLE_FAULT);
    assertThat(guest.get(Register.CR2)).isEqualTo(END);
    assertThat(guest.get(Register.RAX)).isZero();
  }

  @Test
  void blocksAndJumpsOfTheirPageLeadToThem() {
    guest.bytes(END - 8, "EB 05  90 90 90 90 90"); // jmp over nops
    guest.bytes(END - 1, "48 05 01 00 00 00  FF C9  75 EF  F4"); // ... jnz to the jmp
    guest.set(Register.RAX, 0).set(Register.RCX, 1000).set(Register.RIP, END - 8).toHalt();
    assertThat(guest.get(Register.RAX)).isEqualTo(1000);
    guest.set(Register.RAX, 0).set(Register.RCX, 1000).set(Register.RIP, END - 6).toHalt();
    assertThat(guest.get(Register.RAX)).isEqualTo(1000);
  }

  @Test
  void bytesThatAreNoInstructionRaiseUndefinedOpcodeAtThePagesEnd() {
    guest.bytes(END - 1, "0F 0B").set(Register.RIP, END - 1); // ud2
    assertThat(guest.runUntilExit()).isEqualTo(ExitReason.TRIPLE_FAULT);
    assertThat(guest.get(Register.RIP)).isEqualTo(END - 1);
  }
}
