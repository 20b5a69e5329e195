package dev.ringzero.vmm.machine;

import java.util.HexFormat;
import java.util.SplittableRandom;

/** Code that an attacker might try: dangerous instructions, mutated, and plain garbage. */
final class HostileCode {
  private static final String[] FRAGMENTS = {
    // String instructions
    "F3A4 F348A5 F366A5 F3A5 F3AA F348AB F366AB F3AC F348AD F3A6 F2A7 F348A7 F3AE F248AF F36C F36D",
    "F36E F36F 66F36D 66F36F 67F3A4 67F3AB FDF3A4 FDF3AB FDF36C FCF3A4 FCF348AB A4 48A5 AA 6C 6E",
    // Locked and wide accesses
    "F00107 F0480107 F0FF07 F08637 488707 F00FC107 F0480FB137 F0480FC70F F00FC70F F00FBA2F05",
    "F0480FAB07 F0F617 0F2907 0F1107 C5FC1107 C5FE7F07 0F28060F2907 660FEF06 C4E24D9006 C4E2F99006",
    "C4E24D92048E 0FAE07 0FAE0F 480FAE07 480FAE0F 0FAE27 480FAE27 0FAE2F 480FAE2F 0FC727 0FC71F DD27",
    "DD37 D927 D937 9BDDE2 DF27 DF37 DB2F DB3F 660FF7C1 0FE707 0FC307",
    // Control, debug and model-specific registers
    "0F22C0 0F22C1 0F22D0 0F22D9 0F22E0 0F22E1 440F22C0 0F20C0 0F20E0 0F23C0 0F23F8 0F23F9 0F23F0",
    "0F21F8 0F30 0F32 0F01D1 0F01D0 0F06 0F01F0 0F01E0 0F01C8 0F01C9 0F31 0F01F9 0F33 0FA2 0F01F8",
    "B9800000C00F32350001000031D20F30 B91B0000000F320F30 B9820000C00F30 B9740100000F30",
    "0F01CA 0F01CB FA FB FBF4 F4 9D 9C F390 0F09 0F08 0FC7F0 480FC7F8 0FC7F8 0F01C1",
    // Descriptor tables, far transfers and events
    "0F0117 0F011F 0F0107 0F010F 0F00D0 0F00D8 0F00D9 0F00C8 0F00E0 0F00E8 0F02C1 0F03C1 8ED0 8ED8",
    "8EC0 8EE0 8EE8 0FB217 0FB437 C517 C417 FF2F FF1F 48FF2F 48FF1F EA00100000 EA000000000800",
    "9A000000001000 CB CA0800 48CB CF 48CF 66CF CD80 CD03 CD08 CC F1 CE 0F34 0F35 480F35 0F05 0F07",
    "480F07 0FA10FA9 1F 07 17 8EE1 0FAA C8FFFF1F C8000100 C9 60 61 6207",
    // Paging
    "0F0138 0F013F 660F388206 660F388207 0F20D80F22D8 480F22D8 0FAEF0 0FAE3F 0F1807",
    // Ports
    "E461 E661 E570 E771 EC ED EE EF 66ED 66EF BAF80CEF BAFC0CEF BAF80CED BAFC0CED",
    "BAF80CB8001000800F22C0 BAF803EE BA4000EE BA4300EE BA2000EE BA2100EE BA7000EE BA7100EC BA0006EF",
    // Ordinary
    "488B07 488907 8B06 8907 8A07 8807 668B07 668907 48F7F1 F7F1 F7F9 F6F1 D400 48F7F9 0FC8",
    "50 58 FFD0 FFE0 C3 C20800 EBFE 75F0 E2F0 E3F0 67E2F0 48FFC7 4881C700100000 4881EF00100000",
    "C607F4 C707EBFEEBFE 880F 48AB 90 480FBC07 480FA307 0FA30F 480FAB0F D7 48D707 488D07 6690",
    "D9FC D9FE D9F2 D9F8 D9F0 DEF9 D9FD D9F4 DDD9 D9EB DFE0 9B DBE3 0F77 F20F5EC1 660F3A6306FF",
    "660F3A6006FF C4E375CEC000 660F3ADF0611 0F38F006 F2480F38F106 C4E2FBF6C1 C4E2F8F7C1 F3480FB8C1",
  };

  private static final byte[][] PIECES = pieces();
  private final SplittableRandom random;

  HostileCode(SplittableRandom random) {
    this.random = random;
  }

  private static byte[][] pieces() {
    return java.util.Arrays.stream(String.join(" ", FRAGMENTS).split(" "))
        .map(HexFormat.of()::parseHex)
        .toArray(byte[][]::new);
  }

  /** Fills an array with code. */
  byte[] next(int length) {
    byte[] code = new byte[length];
    random.nextBytes(code);
    int garbage = random.nextInt(4);
    int at = 0;
    while (garbage != 0 && at < length) {
      byte[] piece = piece();
      int bytes = Math.min(piece.length, length - at);
      System.arraycopy(piece, 0, code, at, bytes);
      at += bytes + (random.nextInt(16) == 0 ? 1 : 0);
    }
    return code;
  }

  private byte[] piece() {
    byte[] piece = PIECES[random.nextInt(PIECES.length)].clone();
    if (random.nextInt(4) == 0) {
      piece[random.nextInt(piece.length)] ^= (byte) (1 << random.nextInt(8));
    }
    if (random.nextInt(8) == 0) {
      piece[piece.length - 1] = (byte) random.nextInt();
    }
    return random.nextInt(6) == 0 ? prefixed(piece) : piece;
  }

  private byte[] prefixed(byte[] piece) {
    byte[] prefixes = {0x66, 0x67, (byte) 0xF0, (byte) 0xF2, (byte) 0xF3, 0x64, 0x48, 0x41, 0x2E};
    byte[] longer = new byte[piece.length + 1];
    longer[0] = prefixes[random.nextInt(prefixes.length)];
    System.arraycopy(piece, 0, longer, 1, piece.length);
    return longer;
  }
}
