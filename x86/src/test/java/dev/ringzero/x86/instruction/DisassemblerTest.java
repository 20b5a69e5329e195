package dev.ringzero.x86.instruction;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DisassemblerTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          64 | 48 89 e5                | mov rbp, rsp
          64 | 40 88 e0                | mov al, spl
          64 | 88 e0                   | mov al, ah
          64 | 48 8b 44 cb f8          | mov rax, qword ptr [rbx + rcx*8 - 0x8]
          64 | 48 8b 05 10 00 00 00    | mov rax, qword ptr [rip + 0x10]
          64 | 65 48 8b 04 25 28 00 00 00 | mov rax, qword ptr gs:[0x28]
          64 | 67 8b 04 24             | mov eax, dword ptr [esp]
          64 | 83 c0 ff                | add eax, 0xffffffff
          64 | e8 00 00 00 00          | call 0x1005
          64 | 75 fe                   | jne 0x1000
          64 | 0f 45 c1                | cmovne eax, ecx
          64 | 48 98                   | cdqe
          64 | 98                      | cwde
          64 | 66 98                   | cbw
          64 | f3 48 ab                | rep stosq qword ptr es:[rdi], rax
          64 | f3 a6                   | repe cmpsb byte ptr ds:[rsi], byte ptr es:[rdi]
          64 | f0 48 0f c1 07          | lock xadd qword ptr [rdi], rax
          64 | 0f 20 d8                | mov rax, cr3
          64 | 44 0f 22 c0             | mov cr8, rax
          64 | 0f 01 38                | invlpg [rax]
          64 | 0f 01 18                | lidt tbyte ptr [rax]
          64 | d8 c1                   | fadd st(0), st(1)
          64 | db 28                   | fld tbyte ptr [rax]
          64 | 66 0f 6f 00             | movdqa xmm0, xmmword ptr [rax]
          64 | c5 fd 6f 00             | vmovdqa ymm0, ymmword ptr [rax]
          64 | c5 fb 58 00             | vaddsd xmm0, xmm0, qword ptr [rax]
          64 | c4 e2 e9 92 04 3f       | vgatherdpd xmm0, qword ptr [rdi + xmm7], xmm2
          64 | c4 e3 79 4a c1 20       | vblendvps xmm0, xmm0, xmm1, xmm2
          64 | c8 10 00 01             | enter 0x10, 0x1
          16 | ea 5b e0 00 f0          | jmp 0xf000:0xe05b
          16 | 26 8b 46 fe             | mov ax, word ptr es:[bp - 0x2]
          16 | 8b 46 fe                | mov ax, word ptr [bp - 0x2]
          32 | a1 44 33 22 91          | mov eax, dword ptr [0x91223344]
          32 | 0f 00 d8                | ltr ax
          """)
  void writesIntelSyntax(int mode, String hex, String text) {
    Instruction instruction = Decoder.decode(HexFormat.of().parseHex(hex.replace(" ", "")), mode);
    assertThat(instruction).isNotNull();
    assertThat(Disassembler.format(instruction, 0x1000)).isEqualTo(text);
  }
}
