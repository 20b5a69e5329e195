package dev.ringzero.cpu.translator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostInstructionTest {
  private static HostInstruction read(String hex) {
    HostInstruction instruction = new HostInstruction();
    byte[] code = HexFormat.of().parseHex(hex.replace(" ", ""));
    instruction.read(code, 0, code.length);
    return instruction;
  }

  @ParameterizedTest
  @CsvSource({
    "4B 8B 04 3E, 8, false", // mov rax,[r14+r15]
    "43 88 04 3E, 1, true", // mov [r14+r15],al
    "66 43 C7 04 3E 34 12, 2, true", // mov word
    "43 F6 04 3E 01, 1, false", // test byte,1
    "4B 83 3C 3E 05, 8, false", // cmp qword,5
    "F0 4B 0F C7 0C 3E, 16, true", // lock cmpxchg16b
    "66 43 0F 6F 04 3E, 16, false", // movdqa
    "F2 43 0F 10 04 3E, 8, false", // movsd
    "F3 43 0F E6 04 3E, 8, false", // cvtdq2pd
    "C4 81 7E 7F 04 3E, 32, true", // vmovdqu ymm
    "C4 82 7D 22 04 3E, 4, false", // vpmovsxbq ymm
    "C4 81 4D D1 04 3E, 16, false", // vpsrlw ymm: the count has 128 bits
    "C4 83 7D 19 04 3E 01, 16, true", // vextractf128
    "43 0F B6 04 3E, 1, false", // movzx
    "43 D9 04 3E, 4, false", // fld m32
    "43 DB 2C 3E, 10, false", // fld m80
    "43 DB 3C 3E, 10, true", // fstp m80
    "43 DF 34 3E, 10, true", // fbstp
    "43 DE 04 3E, 2, false", // fiadd m16
    "43 DD 3C 3E, 2, true", // fnstsw
    "43 D9 3C 3E, 2, true", // fnstcw
    "43 DD 0C 3E, 8, true", // fisttp m64
    "43 0F 7F 04 3E, 8, true", // movq mm
    "43 0F AE 1C 3E, 4, true", // stmxcsr
    "43 0F 94 04 3E, 1, true" // sete
  })
  void reachOfAMemoryOperandIsReadFromTheBytes(String hex, int bytes, boolean writes) {
    HostInstruction i = read(hex);
    assertThat(i.length).isEqualTo(hex.replace(" ", "").length() / 2);
    assertThat(i.accesses).isTrue();
    assertThat(i.bytes).isEqualTo(bytes);
    assertThat(i.writes).isEqualTo(writes);
    assertThat(i.base).isEqualTo(14);
    assertThat(i.index).isEqualTo(15);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "48 40 25 0D F0 6B 53", // the second REX counts: and eax,0x536bf00d
        "48 66 25 0D F0", // a REX before another prefix does not: and ax,0xf00d
        "4F 4B 8B 04 3E"
      })
  void onlyTheRexBeforeTheOpcodeCounts(String hex) {
    assertThat(read(hex).length).isEqualTo(hex.replace(" ", "").length() / 2);
  }

  @Test
  void addressIsReadFromTheBytes() {
    HostInstruction i = read("65 4D 03 B7 08 84 08 00"); // add r14,gs:[r15+0x88408]
    assertThat(i.gs).isTrue();
    assertThat(i.base).isEqualTo(15);
    assertThat(i.index).isEqualTo(HostInstruction.NONE);
    assertThat(i.displacement).isEqualTo(0x88408);
    i = read("48 8B 44 8B F8"); // mov rax,[rbx+rcx*4-8]
    assertThat(i.base).isEqualTo(3);
    assertThat(i.index).isEqualTo(1);
    assertThat(i.scale).isEqualTo(2);
    assertThat(i.displacement).isEqualTo(-8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0F AE 00", // fxsave
        "0F AE 20", // xsave
        "0F C7 20", // xsavec
        "0F AE 10", // ldmxcsr
        "D9 30", // fnstenv
        "DD 30", // fnsave
        "D9 20", // fldenv
        "DD 20", // frstor
        "D9 28", // fldcw
        "DB E3", // fninit
        "0F F7 C1", // maskmovq
        "66 0F F7 C1", // maskmovdqu
        "C4 E2 79 2E 00", // vmaskmovps
        "C4 E2 79 8E 00", // vpmaskmovd
        "C4 E2 69 90 04 08", // vpgatherdd
        "66 0F 38 F8 00", // movdir64b
        "A4", // movsb
        "AA", // stosb
        "50", // push rax
        "58", // pop rax
        "C8 00 00 00", // enter
        "C9", // leave
        "D7", // xlat
        "FF 30", // push [rax]
        "FF E0", // jmp rax
        "FF D0", // call rax
        "A1 00 00 00 00 00 00 00 00", // mov eax,moffs
        "48 8B 05 00 00 00 00", // mov rax,[rip]
        "67 8B 00", // mov eax,[eax]
        "64 48 8B 00", // mov rax,fs:[rax]
        "0F 05", // syscall
        "0F 0B", // ud2
        "CC", // int3
        "F3 48 0F AE D8", // wrgsbase
        "0F 01 D0", // xgetbv
        "0F A2", // cpuid
        "9D", // popf
        "FC", // cld
        "8E D8", // mov ds,eax
        "62 F1 7C 48 28 C0", // an EVEX prefix
        "48 8B" // cut off
      })
  void whatIsNeverEmittedIsNotRead(String hex) {
    assertThat(read(hex).length).isZero();
  }
}
