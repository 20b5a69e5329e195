package dev.ringzero.cpu.translator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ringzero.cpu.GuestFixture;
import dev.ringzero.engine.Register;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Accesses that need no look-up of their own, because one near them was looked up, at all places
 * around the end of a page: as the interpreter does them.
 */
class NearAccessTest {
  private static final long END = GuestFixture.DATA + 0x1000;
  private static final int ROUNDS = 40;

  @BeforeAll
  static void needsAHostThatCanRunIt() {
    TranslatingExecutor.whyNot().ifPresent(reason -> assumeTrue(false, reason));
  }

  private static String run(boolean translator, String hex, long address) {
    try (GuestFixture guest = new GuestFixture(translator)) {
      for (int at = 0; at < 0x2000; at += 8) {
        guest.memory.write64(GuestFixture.DATA + at, 0x0102_0408_1020_4080L * (at + 1));
      }
      for (int round = 0; round < ROUNDS; round++) {
        guest.set(Register.RDI, address).set(Register.RBX, round).set(Register.R12, address + 8);
        guest.set(Register.RSP, address + 16).set(Register.RAX, 7);
        guest.run(hex);
      }
      byte[] memory = new byte[0x2000];
      guest.memory.read(GuestFixture.DATA, memory, 0, memory.length);
      StringBuilder result = new StringBuilder(guest.flags()).append(Arrays.hashCode(memory));
      for (Register register : Register.values()) {
        result.append(' ').append(Long.toHexString(guest.get(register)));
      }
      return result.toString();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "488B07 48034708 488947F8 4801470A", // mov rax,[rdi]; add rax,[rdi+8]; mov [rdi-8],rax ...
        "480107 481307 48114708 4819470C", // add [rdi],rax; adc rax,[rdi]; adc [rdi+8]; sbb
        // [rdi+12]
        "488B07 8B4FFE 0FB75706 8A7715", // mov rax,[rdi]; mov ecx,[rdi-2]; movzx; mov dh,[rdi+21]
        "50 53 51 58 5A 59", // push, push, push, pop, pop, pop
        "50 4883EC18 48895C2408 488B4C2418 4883C420", // push; sub rsp; mov [rsp+8]; mov; add rsp
        "49890424 498B4C2408 4D896424F0 49834424 08 01", // by r12
        "48890F 488B7F08 48890C24", // the base is read through itself
        "480307 0F184F08 48134708 0F0D0F 488B07", // add; prefetcht0 [rdi+8]; adc; prefetchw; mov
        "0F1807 480307 0F180CDD0000007F 48134708", // prefetcht0 [rbx*8+0x7f000000], which is not
        // there
        "0F2807 660FEFC9", // movaps xmm0,[rdi]; pxor
        "488B07 480FB14F08 488B7708", // cmpxchg [rdi+8]: writes rax
        "488B849FF8000000 48038C9FF0000000" // mov rax,[rdi+rbx*4+248]; add rcx,[rdi+rbx*4+240]
      })
  void nearAccessesAreTheInterpreters(String hex) {
    boolean aligned = hex.startsWith("0F28");
    for (int offset = -40; offset <= 16; offset += aligned ? 16 : 1) {
      long address = END + (aligned ? offset & -16 : offset);
      assertThat(run(true, hex, address)).as("at %d", offset).isEqualTo(run(false, hex, address));
    }
  }
}
