package dev.ringzero.cpu.translator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ringzero.cpu.GuestFixture;
import dev.ringzero.engine.Register;
import dev.ringzero.x86.Cr4;
import dev.ringzero.x86.ExitReason;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Operands that a simple check of one address misses: translated code must reach what the
 * interpreter reaches, and fault where it faults.
 */
class OperandReachTest {
  /** {@code xor ecx,ecx; xor edx,edx; mov eax,7; xsetbv; mov eax,-1}. */
  private static final String ENABLE_AVX = "31C9 31D2 B807000000 0F01D1 B8FFFFFFFF";

  /** Registers point to the middle of two pages; RBX holds a bit offset, RCX a count. */
  private static final long MIDDLE = GuestFixture.DATA + 0x1000;

  @BeforeAll
  static void needsAHostThatCanRunIt() {
    TranslatingExecutor.whyNot().ifPresent(reason -> assumeTrue(false, reason));
  }

  private record Result(ExitReason exit, String registers, byte[] memory) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Result r
          && exit == r.exit
          && registers.equals(r.registers)
          && Arrays.equals(memory, r.memory);
    }

    @Override
    public int hashCode() {
      return registers.hashCode();
    }

    @Override
    public String toString() {
      return exit + " " + registers + " " + Arrays.hashCode(memory);
    }
  }

  private static Result run(boolean translator, String hex, long rdi, long rbx, int rounds) {
    try (GuestFixture guest = new GuestFixture(translator)) {
      guest.cpu.register(Register.CR4, Cr4.PAE | Cr4.OSFXSR | Cr4.OSXSAVE);
      for (int at = 0; at < 0x2000; at += 8) {
        guest.memory.write64(GuestFixture.DATA + at, 0x0102_0408_1020_4080L * (at + 1));
      }
      ExitReason exit = ExitReason.HLT;
      for (int round = 0; round < rounds && exit == ExitReason.HLT; round++) {
        guest.set(Register.RDI, rdi).set(Register.RBX, rbx).set(Register.RSI, MIDDLE - 0x800);
        guest.set(Register.RDX, 0).set(Register.R8, rdi - 3);
        guest.bytes(GuestFixture.CODE, ENABLE_AVX + hex + "F4");
        guest.set(Register.RIP, GuestFixture.CODE);
        exit = guest.runUntilExit();
      }
      byte[] memory = new byte[0x3000];
      guest.memory.read(GuestFixture.DATA, memory, 0, memory.length);
      StringBuilder registers = new StringBuilder();
      for (Register register : Register.values()) {
        registers.append(register).append(' ').append(Long.toHexString(guest.get(register)));
        registers.append(' ');
      }
      return new Result(exit, registers.toString(), memory);
    }
  }

  private static void same(String hex, long rdi, long rbx) {
    assertThat(run(true, hex, rdi, rbx, 2)).isEqualTo(run(false, hex, rdi, rbx, 2));
  }

  @ParameterizedTest
  @CsvSource({
    "480FAB1F", // bts [rdi],rbx
    "480FB31F", // btr [rdi],rbx
    "480FBB1F", // btc [rdi],rbx
    "0FA31F", // bt [rdi],ebx
    "660FAB1F", // bts word [rdi],bx
    "F0480FAB1F", // lock bts [rdi],rbx
    "F00FBB1F", // lock btc [rdi],ebx
    "480FBA3F3F" // btc [rdi],63: an offset in the instruction stays in its operand
  })
  void bitStringsReachAsFarAsTheirOffset(String hex) {
    for (long offset : new long[] {0, 63, 64, -1, 5000, -5000, 0x7FFF_FFFF, 1L << 40}) {
      same(hex, MIDDLE, offset);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "C5F9EFC0 C5F176C9 C4E27190 04 07", // vpgatherdd xmm0,[rdi+xmm0*1],xmm1
    "C5F176C9 C4E2712E 07", // vmaskmovps [rdi],xmm0,xmm1
    "C5F176C9 C4E2712C 07", // vmaskmovps xmm0,xmm1,[rdi]
    "C5F9EFC9 C4E2712E 07", // with an empty mask, which touches nothing
    "C5F176C9 C4E2718E 07", // vpmaskmovd
    "C4E2F18E 07", // vpmaskmovq [rdi],xmm0,xmm1, whatever the mask
    "C4E2F18C 07", // vpmaskmovq xmm0,xmm1,[rdi]
    "C5F176C9 C4E2712F 07", // vmaskmovpd
    "C5F9EFC0 C5F176C9 C4E2F191 04C7", // vpgatherqq xmm0,[rdi+xmm0*8],xmm1
    "C5F9EFC0 C5F176C9 C4E27192 04C7", // vgatherdps
    "C5F9EFC0 C5F176C9 C4E2F193 04C7", // vgatherqpd
    "660F76C9 660FF7C1", // maskmovdqu xmm0,xmm1
    "0F76C9 0FF7C1 0F77" // maskmovq mm0,mm1
  })
  void gathersAndMaskedMovesReachWhatTheirMasksSay(String hex) {
    for (long address : new long[] {MIDDLE, MIDDLE - 3, MIDDLE + 0xFFD, -8, 1L << 62}) {
      same(hex, address, 0);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0FAE07", // fxsave [rdi]
    "0FAE27", // xsave [rdi]
    "DD37", // fnsave [rdi]
    "D937", // fnstenv [rdi]
    "0FAE1F", // stmxcsr [rdi]
    "480FAE07", // fxsave64 [rdi]
    "480FAE27", // xsave64 [rdi]
    "0FC727", // xsavec [rdi]
    "0FAE37", // xsaveopt [rdi]
    "66DD37", // fnsave with 16-bit fields
    "66D937", // fnstenv with 16-bit fields
    "0F6FC1 0FFEC0 0FAE07", // MMX, and fxsave
    "D9E8 D91F 0FAE07", // an operand in memory before
    "D9E8 D9FA DD37" // fld1; fsqrt; fnsave
  })
  void stateImagesShowNothingOfTheHost(String hex) {
    same(hex, MIDDLE, 0);
    same(hex, MIDDLE - 64, 0);
    same(hex, -64, 0);
  }

  @ParameterizedTest
  @CsvSource({
    "B905000000 F348A5", // mov ecx,5; rep movsq
    "B920030000 F3AA", // rep stosb over a page's end
    "B905000000 F348AB FD B903000000 F3AB FC", // stosq, then backwards
    "B905000000 F348A7", // repe cmpsq
    "B905000000 F248AF", // repne scasq
    "48AD 48AB 48A5 48A7 48AF", // each once
    "4889FC C8080000", // mov rsp,rdi; enter 8,0
    "4889FC 57 9D", // popfq
    "57 48 87E7 58 4887E7", // push, pop at RDI for a stack
    "4889FC 50 6A05 9C 5A 5A 59", // mov rsp,rdi; pushes and pops
    "4889FD C9", // leave
    "4889FC E800000000 58", // call
    "480FC70F", // cmpxchg8b/16b [rdi], 64-bit: 16 bytes
    "F0480FC70F",
    "F0480FB11F", // lock cmpxchg [rdi],rbx
    "48871F", // xchg [rdi],rbx
    "F0480FC11F" // lock xadd
  })
  void stackStringAndLockedOperandsReachTheirWholeLength(String hex) {
    for (long address :
        new long[] {
          MIDDLE, MIDDLE - 4, MIDDLE - 1, 4, -4, -8, (1L << 47) - 4, -(1L << 47), 1L << 47
        }) {
      same(hex, address, 0);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "488B07", // mov rax,[rdi]
    "488907", // mov [rdi],rax
    "488B0437", // mov rax,[rdi+rsi]: the sum wraps
    "488B843F00F0FFFF", // mov rax,[rdi+rdi-4096]
    "0F1007", // movups xmm0,[rdi]
    "C5FE6F07", // vmovdqu ymm0,[rdi]
    "C5FE7F07", // vmovdqu [rdi],ymm0
    "66670F6F07", // with a 32-bit address
    "8A07", // mov al,[rdi]
    "4803473C" // add rax,[rdi+60]
  })
  void addressesWrapAndCrossPagesAsTheArchitectureSays(String hex) {
    long[] addresses = {
      MIDDLE,
      MIDDLE - 1,
      MIDDLE - 7,
      MIDDLE - 31,
      0,
      -1,
      -4,
      -8,
      -60,
      -64,
      1L << 63,
      (1L << 47) - 1,
      1L << 47,
      -(1L << 47) - 1,
      -(1L << 47),
      -(MIDDLE - 0x800),
      0xFFFF_FFFCL
    };
    for (long address : addresses) {
      same(hex, address, 0);
    }
  }

  @Test
  void statePagesOfTheHostNeverAppearInAnImage() {
    Result image = run(true, "DD37", MIDDLE, 0, 2);
    byte[] environment = Arrays.copyOfRange(image.memory, 0x1000 + 12, 0x1000 + 28);
    assertThat(HexFormat.of().formatHex(environment)).matches("0{8}.{8}0{8}.{8}");
  }
}
