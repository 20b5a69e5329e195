package dev.ringzero.cpu.translator;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BlockVerifierTest {
  private static final int STUB = 0x10_0000;
  private static final int START = 0x1000;

  // The parts of a check for reading 8 bytes in the user's view.
  private static final String INDEX = "C4 43 7B F0 FE 07  41 81 E7 E0 7F 00 00 "; // rorx, and
  private static final String TAG = "65 4D 03 B7 " + dword(View.USER.tlb() + StateBlock.READ_TAG);
  private static final String COMPARE = "49 81 FE F8 0F 00 00 ";
  private static final String MASK = "41 81 E6 FF 0F 00 00 ";
  private static final String HOST = "65 4D 8B BF " + dword(View.USER.tlb() + StateBlock.HOST_PAGE);
  private static final String READ_8 = "4B 8B 04 3E "; // mov rax,[r14+r15]

  private static String dword(int value) {
    return "%02X %02X %02X %02X "
        .formatted(value & 255, value >> 8 & 255, value >> 16 & 255, value >>> 24);
  }

  /** A branch with rel32 behind the code so far, to the stub. */
  private static String toStub(String before, String opcode) {
    int end = START + bytes(before + opcode).length + 4;
    return before + opcode + " " + dword(STUB - end);
  }

  private static final String BRANCHED = toStub(INDEX + TAG + COMPARE, "0F 87");
  private static final String CHECKED = BRANCHED + MASK + HOST;

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  private static void verify(String hex) {
    byte[] code = bytes(hex);
    new BlockVerifier(Set.of(STUB), Set.of())
        .verify(code, code.length, START, View.USER, position -> false);
  }

  private static void refused(String hex, String why) {
    assertThatThrownBy(() -> verify(hex)).hasMessageContaining(why);
  }

  @Test
  void checkedAccessMayRun() {
    assertThatCode(() -> verify(CHECKED + READ_8)).doesNotThrowAnyException();
    assertThatCode(() -> verify(CHECKED + READ_8 + "90" + READ_8)).doesNotThrowAnyException();
  }

  @Test
  void sumOfAddressAndTagMayBeInItsOwnRegister() {
    String tag = "4D 89 F5 65 4D 03 AF " + dword(View.USER.tlb() + StateBlock.READ_TAG);
    String compare = "49 81 FD F8 0F 00 00 ";
    String rest = MASK + HOST + READ_8;
    assertThatCode(() -> verify(toStub(INDEX + tag + compare, "0F 87") + rest))
        .doesNotThrowAnyException();
    refused(toStub(INDEX + tag + COMPARE, "0F 87") + rest, "no part of a TLB check");
    refused(toStub(INDEX + tag.substring(9) + compare, "0F 87") + rest, "no part of a TLB check");
  }

  @Test
  void accessWithoutItsWholeCheckIsRefused() {
    refused(READ_8, "without a check");
    refused(INDEX + TAG + COMPARE + MASK + HOST + READ_8, "no part of a TLB check");
    refused(BRANCHED + HOST + READ_8, "no part of a TLB check"); // no mask against speculation
    refused(TAG, "no part of a TLB check");
  }

  @Test
  void accessBeyondItsCheckIsRefused() {
    refused(CHECKED + "C4 81 7A 6F 04 3E", "further than its check"); // vmovdqu xmm0,[r14+r15]
    refused(CHECKED + "4B 89 04 3E", "only reading"); // mov [r14+r15],rax
    refused(CHECKED + "4B 0F A3 04 3E", "beyond its operand"); // bt [r14+r15],rax
    refused(CHECKED + "4B 8B 44 3E 08", "not checked"); // mov rax,[r14+r15+8]
    refused(CHECKED + "41 FF C6" + READ_8, "without a check"); // inc r14d
    refused(CHECKED + "48 8B 03", "not checked"); // mov rax,[rbx]
  }

  @Test
  void hintNeedsACheckToo() {
    String prefetch = "43 0F 18 0C 3E"; // prefetcht0 [r14+r15]
    assertThatCode(() -> verify(CHECKED + prefetch)).doesNotThrowAnyException();
    assertThatCode(() -> verify(CHECKED + "43 0F 0D 0C 3E")).doesNotThrowAnyException();
    refused(prefetch, "without a check");
    refused("43 0F 18 08 90 90", "not checked"); // prefetcht0 [r8]
    refused(CHECKED + "43 0F 18 24 3E", "second reader"); // a NOP that names memory
  }

  @Test
  void checkForAnotherViewIsRefused() {
    String other = "65 4D 03 B7 " + dword(View.SUPERVISOR.tlb());
    refused(INDEX + other, "no part of a TLB check");
  }

  @Test
  void jumpIntoACheckedStretchTakesTheCheckBack() {
    refused(CHECKED + "90 " + READ_8 + "EB FA", "without a check"); // jmp to the read
  }

  @Test
  void jumpThatGoesAstrayIsRefused() {
    refused("EB 10", "astray");
    refused("EB FF 90", "astray"); // into the middle of itself
    refused("FF E0", "no relative branch"); // jmp rax
  }

  @Test
  void hostStackIsOutOfReach() {
    refused("50", "never emitted"); // push rax
    refused("48 89 E0", "RSP"); // mov rax,rsp
    refused("48 8D 04 24", "RSP"); // lea rax,[rsp]
    refused("C3", "never emitted");
  }

  @Test
  void stateBlockIsReachedAtItsScalarsOnly() {
    assertThatCode(() -> verify("65 48 8B 04 25 80 00 00 00")).doesNotThrowAnyException();
    refused("65 48 8B 04 25 00 10 00 00", "beyond the scalars");
    refused("65 48 89 04 25 C0 00 00 00", "the monitor's"); // the host's RSP
    refused("65 48 8B 03", "no part of a TLB check"); // mov rax,gs:[rbx]
  }

  @Test
  void instructionsThatShowOrChangeTheHostAreRefused() {
    refused("0F 05", "never emitted"); // syscall
    refused("F3 48 0F AE D8", "never emitted"); // wrgsbase rax
    refused("D9 30", "never emitted"); // fnstenv [rax]
    refused("48 F7 F1", "may fault"); // div rcx
  }

  @Test
  void everyKindOfBadAccessInsideARightCheckIsRefused() {
    refused(CHECKED + "0F AE 00", "never emitted"); // fxsave [rax]
    refused(CHECKED + "43 0F AE 04 3E", "never emitted"); // fxsave [r14+r15]
    refused(CHECKED + "66 0F F7 C1", "never emitted"); // maskmovdqu: [rdi]
    refused(CHECKED + "C4 82 79 8C 04 3E", "second reader"); // vpmaskmovd
    refused(CHECKED + "C4 82 69 90 04 3E", "second reader"); // vpgatherdd
    refused(CHECKED + "A4", "never emitted"); // movsb
    refused(CHECKED + "43 FF 34 3E", "never emitted"); // push [r14+r15]
    refused(CHECKED + "F0 4B 0F C7 0C 3E", "further than its check"); // cmpxchg16b
    refused(CHECKED + "67 43 8B 04 3E", "second reader"); // mov eax,[r14d+r15d]
    refused(CHECKED + "48 A1 00 00 00 00 00 00 00 00", "second reader"); // mov rax,moffs
    refused(CHECKED + "48 8B 05 00 00 00 00", "second reader"); // mov rax,[rip]
  }

  @Test
  void instructionOfAKnownShapeIsJudgedByItsOwnNumbers() {
    BlockVerifier verifier = new BlockVerifier(Set.of(STUB), Set.of());
    byte[] good = bytes(CHECKED + READ_8 + "65 48 89 04 25 80 00 00 00");
    verifier.verify(good, good.length, START, View.USER, position -> false);
    for (String bad :
        List.of(
            BRANCHED + "41 81 E6 FF 1F 00 00" + HOST + READ_8, // masked to 8 KiB
            CHECKED.replace("49 81 FE F8", "49 81 FE F9") + READ_8, // checked for 7 bytes
            INDEX.replace("FE 07", "FE 08") + CHECKED.substring(INDEX.length()) + READ_8,
            CHECKED + READ_8 + "65 48 89 04 25 C0 00 00 00")) { // the host's RSP
      byte[] code = bytes(bad);
      assertThatThrownBy(
              () -> verifier.verify(code, code.length, START, View.USER, position -> false))
          .hasMessageContaining("refused");
    }
  }

  @Test
  void shapeThatEndsWithZeroIsNotTakenForAShorterOne() {
    BlockVerifier verifier = new BlockVerifier(Set.of(STUB), Set.of());
    String behind = "90".repeat(16);
    byte[] known = bytes("48 98 48 8D 00" + behind); // cdqe; lea rax,[rax]
    verifier.verify(known, known.length, START, View.USER, position -> false);
    byte[] other = bytes("48 8D 0D 00 00 00 00" + behind); // lea rcx,[rip]: never emitted
    assertThatThrownBy(
            () -> verifier.verify(other, other.length, START, View.USER, position -> false))
        .hasMessageContaining("second reader");
  }

  @Test
  void guestCallsAreCallsAndReturnsOfTheHostInPairs() {
    String call = "41 55 E8 05 00 00 00 48 8D 64 24 08 "; // push r13; call; lea rsp,[rsp+8]
    String ret = "4C 3B 74 24 08 75 FE 4D 8D 64 24 08 C3"; // cmp r14,[rsp+8]; jne; lea r12; ret
    assertThatCode(() -> verify(call + ret)).doesNotThrowAnyException();
    refused("E8 05 00 00 00 48 8D 64 24 08 " + ret, "refused"); // call without push
    refused("41 55 E8 00 00 00 00 90", "refused"); // no release behind
    refused("41 55 90 90", "refused"); // push alone
    refused(call.replace("41 55", "41 56"), "refused"); // push r14
    refused(call.replace("24 08", "24 10"), "refused"); // lea rsp,[rsp+16]
    refused(call + ret + " EB EB", "refused"); // jmp to the lea
    refused("C3", "refused");
    refused("4C 3B 74 24 10", "refused"); // cmp r14,[rsp+16]
    refused("4C 89 74 24 08", "refused"); // mov [rsp+8],r14
    refused("48 89 E0", "refused"); // mov rax,rsp
    String drop = "65 48 8B 24 25 "; // mov rsp,gs:[...]
    assertThatCode(() -> verify(drop + dword(StateBlock.HOST_RSP))).doesNotThrowAnyException();
    refused(drop + dword(StateBlock.GPR), "refused");
  }

  @Test
  void codeTlbIsReadWithAMaskedIndexOnly() {
    String index = "C4 43 7B F0 FE 08 41 81 E7 F0 3F 00 00 "; // rorx r15d,r14d,8; and r15d,mask
    int table = TranslationMode.ALL[0].codeTlb();
    String tag = "65 4D 3B AF " + dword(table); // cmp r13,gs:[r15+table]
    String page = "65 41 81 BF " + dword(table + StateBlock.CODE_PAGE) + "07 00 00 00";
    assertThatCode(() -> verify(index + tag + page)).doesNotThrowAnyException();
    refused(tag, "no part of a TLB check");
    refused(index + "41 FF C7 " + tag, "no part of a TLB check"); // inc r15d
    refused(index + "65 4D 89 AF " + dword(table), "no part of a TLB check"); // a write
    refused(index + "65 4D 3B AF " + dword(table + 4), "no part of a TLB check");
  }

  @Test
  void anOffsetMayMoveWithinItsPage() {
    String move = "4D 8D 76 08 "; // lea r14,[r14+8]
    String checked = toStub(CHECKED + move + COMPARE, "0F 87") + MASK;
    assertThatCode(() -> verify(checked + READ_8)).doesNotThrowAnyException();
    assertThatCode(() -> verify(toStub(CHECKED + COMPARE, "0F 87") + MASK + READ_8))
        .doesNotThrowAnyException();
    refused(CHECKED + move + READ_8, "without a check");
    refused(CHECKED + move + COMPARE + MASK + READ_8, "without a check"); // no branch
    refused(toStub(CHECKED + move + COMPARE, "0F 87") + READ_8, "without a check"); // no mask
    refused(checked + "4B 89 04 3E", "only reading"); // mov [r14+r15],rax
    refused(toStub(move + COMPARE, "0F 87") + MASK + READ_8, "without a check");
  }

  @Test
  void aWholeCheckMayComeBackToAMovedOne() {
    String moved = toStub(CHECKED + "4D 8D 76 08 " + COMPARE, "0F 87") + MASK;
    String body = moved + READ_8 + "EB FE "; // jmp to itself
    String whole = toStub(body + INDEX + TAG + COMPARE, "0F 87") + MASK + HOST;
    assertThatCode(() -> verify(back(whole, moved))).doesNotThrowAnyException();
    refused(back(body + INDEX, moved), "without a check");
    refused(back(body, moved), "without a check");
    String less = toStub(body + INDEX + TAG + "49 81 FE FC 0F 00 00 ", "0F 87") + MASK + HOST;
    refused(back(less, moved), "without a check"); // of four bytes only
  }

  /** A jump to the end of a piece of the code. */
  private static String back(String code, String piece) {
    return code + "E9 " + dword(bytes(piece).length - bytes(code).length - 5);
  }

  @Test
  void x87InstructionsRequireTheGuestsState() {
    String asked = "65 83 3C 25 " + dword(StateBlock.X87_LOADED) + "00 ";
    String other = "65 83 3C 25 " + dword(StateBlock.VECTORS_LOADED) + "00 ";
    refused("D9 E8", "host's x87 state"); // fld1
    refused(other + "0F 77", "host's x87 state"); // emms
    assertThatCode(() -> verify(asked + "D9 E8 0F FE C0")).doesNotThrowAnyException();
    refused(CHECKED + asked + "43 DB 2C 3E", "further than its check"); // fld m80
    refused(CHECKED + asked + "43 DD 1C 3E", "only reading"); // fstp m64
    refused(asked + "43 DD 04 3E", "without a check");
    for (String never : new String[] {"D9 34", "DD 34", "D9 24", "DD 24", "D9 2C"}) {
      refused(CHECKED + asked + "43 " + never + " 3E", "never emitted");
    }
    refused(asked + "DB E3", "never emitted"); // fninit
    refused(asked + "9B", "never emitted"); // fwait
  }

  @Test
  void jrcxzStaysInTheBlockAndGuardsNothing() {
    assertThatCode(() -> verify("E3 02 EB 00 90")).doesNotThrowAnyException();
    refused("E3 10 90", "goes astray");
    refused("E3 01 B8 00 00 00 00 90", "goes astray"); // into an instruction
    refused("4C 39 EA E3 00 49 F7 F5", "may fault"); // cmp rdx,r13; jrcxz; div r13
  }

  @Test
  void vectorControlIsOnlyStoredByCheckedCode() {
    refused("43 0F AE 1C 3E", "without a check"); // stmxcsr [r14+r15]
    refused(CHECKED + "43 0F AE 1C 3E", "only reading");
    refused(CHECKED + "43 0F AE 14 3E", "never emitted"); // ldmxcsr
    refused(CHECKED + "43 0F AE 24 3E", "never emitted"); // xsave
  }

  @Test
  void stringInstructionsAreNeverEmittedInBlocks() {
    for (String opcode : new String[] {"A4", "F3 A6", "AA", "AC", "F2 AE", "D7", "9D"}) {
      refused(opcode, "never emitted");
    }
  }
}
