package dev.ringzero.cpu.paging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.cpu.GuestFixture;
import dev.ringzero.engine.Register;
import dev.ringzero.x86.Cr0;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.ExitReason;
import dev.ringzero.x86.PageEntry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Protection keys of user and supervisor pages.
 *
 * @spec Intel SDM Vol. 3A, "Protection Keys"
 */
class ProtectionKeyTest {
  private static final int IA32_PKRS = 0x6E1;
  private static final long KEY_2 = 2L << 59;
  private static final int ACCESS_DISABLE = 0x10; // of key 2
  private static final int WRITE_DISABLE = 0x20;
  private static final long USER_PAGE = 0x10_0000_0000L;
  private static final long SUPERVISOR_PAGE = 0x10_0020_0000L;
  private static final long TABLES = 0x7_0000;
  private static final String READ = "8A 03"; // mov al, [rbx]
  private static final String WRITE = "88 03"; // mov [rbx], al
  private static final String WRPKRU = "31C9 31D2 0F01EF"; // xor ecx, ecx; xor edx, edx

  private final GuestFixture guest = new GuestFixture();

  @AfterEach
  void close() {
    guest.close();
  }

  private void pages(long controls) {
    long user = PageEntry.P | PageEntry.RW | PageEntry.US;
    long cr3 = guest.get(Register.CR3);
    long entry = guest.memory.read64(cr3);
    guest.memory.write64(cr3, entry | user);
    long directory = entry & PageEntry.ADDRESS;
    guest.memory.write64(directory + 64 * 8, TABLES | user);
    guest.memory.write64(TABLES, 0x20_0000 | KEY_2 | PageEntry.PS | user);
    guest.memory.write64(TABLES + 8, 0x20_0000 | KEY_2 | PageEntry.PS | user & ~PageEntry.US);
    guest.set(Register.CR4, guest.get(Register.CR4) | controls);
    guest.set(Register.CR0, guest.get(Register.CR0) | Cr0.WP);
  }

  /** Whether an access faults: the fixture has no handlers. */
  private boolean faults(long page, String access) {
    guest.bytes(GuestFixture.CODE, access + "F4").set(Register.RIP, GuestFixture.CODE);
    guest.set(Register.RBX, page);
    return guest.runUntilExit() == ExitReason.TRIPLE_FAULT;
  }

  private void pkru(int value) {
    guest.set(Register.RAX, value).run(WRPKRU);
  }

  @Test
  void aKeyWithoutRightsIsNotRead() {
    pages(Cr4.PKE);
    pkru(ACCESS_DISABLE);
    assertThat(faults(SUPERVISOR_PAGE, READ)).isFalse();
    assertThat(faults(USER_PAGE, READ)).isTrue();
  }

  @Test
  void aKeyWithoutTheRightToWriteIsReadOnly() {
    pages(Cr4.PKE);
    assertThat(faults(USER_PAGE, WRITE)).isFalse();
    pkru(WRITE_DISABLE);
    assertThat(faults(USER_PAGE, READ)).isFalse();
    assertThat(faults(USER_PAGE, WRITE)).isTrue();
  }

  @Test
  void theSupervisorsRegisterIsForItsPages() {
    pages(Cr4.PKS);
    guest.cpu.msr(IA32_PKRS, WRITE_DISABLE);
    assertThat(faults(USER_PAGE, WRITE)).isFalse();
    assertThat(faults(SUPERVISOR_PAGE, READ)).isFalse();
    assertThat(faults(SUPERVISOR_PAGE, WRITE)).isTrue();
  }

  @Test
  void keysMeanNothingWhereTheyAreOff() {
    pages(0);
    guest.cpu.msr(IA32_PKRS, ACCESS_DISABLE);
    assertThat(faults(SUPERVISOR_PAGE, WRITE)).isFalse();
  }

  @Test
  void wrpkruAndRdpkruNeedCr4AndZeros() {
    pages(Cr4.PKE);
    pkru(0x1234);
    guest.set(Register.RDX, 7).run("31C9 0F01EE");
    assertThat(guest.get(Register.RAX)).isEqualTo(0x1234);
    assertThat(guest.get(Register.RDX)).isZero();
    assertThat(faults(0, "B901000000 0F01EE")).isTrue();
  }
}
