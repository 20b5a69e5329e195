package dev.ringzero.cpu.vector;

import static dev.ringzero.cpu.vector.Packed.BYTES;
import static dev.ringzero.cpu.vector.Packed.DWORDS;
import static dev.ringzero.cpu.vector.Packed.QWORDS;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Semantics;
import dev.ringzero.x86.instruction.Instruction;

/** Elements reordered, packed, unpacked, blended and taken in pairs, within 128-bit lanes. */
final class ShuffleInstructions {
  private ShuffleInstructions() {}

  static Semantics of(String name) {
    return switch (name) {
      case "PUNPCKLBW" ->
          (c, i) ->
              Shapes.lanes(
                  c,
                  i,
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.interleaveBytes(aLow, bLow),
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.interleaveBytes(aLow >>> 32, bLow >>> 32));
      case "PUNPCKHBW" ->
          (c, i) ->
              Shapes.lanes(
                  c,
                  i,
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.interleaveBytes(aHigh, bHigh),
                  (aLow, aHigh, bLow, bHigh) ->
                      Shuffle.interleaveBytes(aHigh >>> 32, bHigh >>> 32));
      case "PUNPCKLWD" ->
          (c, i) ->
              Shapes.lanes(
                  c,
                  i,
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.interleaveWords(aLow, bLow),
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.interleaveWords(aLow >>> 32, bLow >>> 32));
      case "PUNPCKHWD" ->
          (c, i) ->
              Shapes.lanes(
                  c,
                  i,
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.interleaveWords(aHigh, bHigh),
                  (aLow, aHigh, bLow, bHigh) ->
                      Shuffle.interleaveWords(aHigh >>> 32, bHigh >>> 32));
      case "PUNPCKLDQ", "UNPCKLPS" ->
          (c, i) ->
              Shapes.lanes(
                  c,
                  i,
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.interleaveDwords(aLow, bLow),
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.interleaveDwords(aLow >>> 32, bLow >>> 32));
      case "PUNPCKHDQ", "UNPCKHPS" ->
          (c, i) ->
              Shapes.lanes(
                  c,
                  i,
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.interleaveDwords(aHigh, bHigh),
                  (aLow, aHigh, bLow, bHigh) ->
                      Shuffle.interleaveDwords(aHigh >>> 32, bHigh >>> 32));
      case "PUNPCKLQDQ", "UNPCKLPD" ->
          (c, i) ->
              Shapes.lanes(
                  c, i, (aLow, aHigh, bLow, bHigh) -> aLow, (aLow, aHigh, bLow, bHigh) -> bLow);
      case "PUNPCKHQDQ", "UNPCKHPD" ->
          (c, i) ->
              Shapes.lanes(
                  c, i, (aLow, aHigh, bLow, bHigh) -> aHigh, (aLow, aHigh, bLow, bHigh) -> bHigh);
      case "PACKSSWB" ->
          (c, i) ->
              Shapes.lanes(
                  c,
                  i,
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.packSignedBytes(aLow, aHigh),
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.packSignedBytes(bLow, bHigh));
      case "PACKUSWB" ->
          (c, i) ->
              Shapes.lanes(
                  c,
                  i,
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.packUnsignedBytes(aLow, aHigh),
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.packUnsignedBytes(bLow, bHigh));
      case "PACKSSDW" ->
          (c, i) ->
              Shapes.lanes(
                  c,
                  i,
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.packSignedWords(aLow, aHigh),
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.packSignedWords(bLow, bHigh));
      case "PACKUSDW" ->
          (c, i) ->
              Shapes.lanes(
                  c,
                  i,
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.packUnsignedWords(aLow, aHigh),
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.packUnsignedWords(bLow, bHigh));
      case "PHADDW" ->
          (c, i) ->
              Shapes.lanes(
                  c,
                  i,
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.addPairsOfWords(aLow, aHigh),
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.addPairsOfWords(bLow, bHigh));
      case "PHADDSW" ->
          (c, i) ->
              Shapes.lanes(
                  c,
                  i,
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.addPairsOfWordsSaturated(aLow, aHigh),
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.addPairsOfWordsSaturated(bLow, bHigh));
      case "PHSUBW" ->
          (c, i) ->
              Shapes.lanes(
                  c,
                  i,
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.subtractPairsOfWords(aLow, aHigh),
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.subtractPairsOfWords(bLow, bHigh));
      case "PHSUBSW" ->
          (c, i) ->
              Shapes.lanes(
                  c,
                  i,
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.subtractPairsOfWordsSaturated(aLow, aHigh),
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.subtractPairsOfWordsSaturated(bLow, bHigh));
      case "PHADDD" ->
          (c, i) ->
              Shapes.lanes(
                  c,
                  i,
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.addPairsOfDwords(aLow, aHigh),
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.addPairsOfDwords(bLow, bHigh));
      case "PHSUBD" ->
          (c, i) ->
              Shapes.lanes(
                  c,
                  i,
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.subtractPairsOfDwords(aLow, aHigh),
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.subtractPairsOfDwords(bLow, bHigh));
      case "PSHUFB" ->
          (c, i) ->
              Shapes.lanes(
                  c,
                  i,
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.bytes(aLow, aHigh, bLow),
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.bytes(aLow, aHigh, bHigh));
      case "PSHUFD" ->
          (c, i) ->
              Shapes.lanesOfOne(
                  c,
                  i,
                  0,
                  (aLow, aHigh, bLow, bHigh, n) -> Shuffle.dwords(bLow, bHigh, n),
                  (aLow, aHigh, bLow, bHigh, n) -> Shuffle.dwords(bLow, bHigh, n >> 4));
      case "PSHUFLW" ->
          (c, i) ->
              Shapes.lanesOfOne(
                  c,
                  i,
                  0,
                  (aLow, aHigh, bLow, bHigh, n) -> Shuffle.words(bLow, n),
                  (aLow, aHigh, bLow, bHigh, n) -> bHigh);
      case "PSHUFHW" ->
          (c, i) ->
              Shapes.lanesOfOne(
                  c,
                  i,
                  0,
                  (aLow, aHigh, bLow, bHigh, n) -> bLow,
                  (aLow, aHigh, bLow, bHigh, n) -> Shuffle.words(bHigh, n));
      case "SHUFPS" ->
          (c, i) ->
              Shapes.lanes(
                  c,
                  i,
                  0,
                  (aLow, aHigh, bLow, bHigh, n) -> Shuffle.dwords(aLow, aHigh, n),
                  (aLow, aHigh, bLow, bHigh, n) -> Shuffle.dwords(bLow, bHigh, n >> 4));
      case "SHUFPD" ->
          (c, i) ->
              Shapes.lanes(
                  c,
                  i,
                  2,
                  (aLow, aHigh, bLow, bHigh, n) -> (n & 1) == 0 ? aLow : aHigh,
                  (aLow, aHigh, bLow, bHigh, n) -> (n & 2) == 0 ? bLow : bHigh);
      case "PALIGNR" ->
          (c, i) ->
              Shapes.lanes(
                  c,
                  i,
                  0,
                  (aLow, aHigh, bLow, bHigh, n) -> Shuffle.align(aLow, aHigh, bLow, bHigh, n),
                  (aLow, aHigh, bLow, bHigh, n) -> Shuffle.align(aLow, aHigh, bLow, bHigh, n + 8));
      case "PBLENDW" ->
          (c, i) ->
              Shapes.lanes(
                  c,
                  i,
                  0,
                  (aLow, aHigh, bLow, bHigh, n) -> Shuffle.blendWords(aLow, bLow, n),
                  (aLow, aHigh, bLow, bHigh, n) -> Shuffle.blendWords(aHigh, bHigh, n >> 4));
      case "BLENDPS", "PBLENDD" ->
          (c, i) ->
              Shapes.lanes(
                  c,
                  i,
                  4,
                  (aLow, aHigh, bLow, bHigh, n) -> Shuffle.blendDwords(aLow, bLow, n),
                  (aLow, aHigh, bLow, bHigh, n) -> Shuffle.blendDwords(aHigh, bHigh, n >> 2));
      case "BLENDPD" ->
          (c, i) ->
              Shapes.lanes(
                  c,
                  i,
                  2,
                  (aLow, aHigh, bLow, bHigh, n) -> (n & 1) == 0 ? aLow : bLow,
                  (aLow, aHigh, bLow, bHigh, n) -> (n & 2) == 0 ? aHigh : bHigh);
      case "MPSADBW" ->
          (c, i) ->
              Shapes.lanes(
                  c,
                  i,
                  3,
                  (aLow, aHigh, bLow, bHigh, n) ->
                      Shuffle.sumsOfDifferences(aLow, aHigh, n & 4, Shuffle.dword(bLow, bHigh, n)),
                  (aLow, aHigh, bLow, bHigh, n) ->
                      Shuffle.sumsOfDifferences(
                          aLow, aHigh, (n & 4) + 4, Shuffle.dword(bLow, bHigh, n)));
      case "PBLENDVB" -> (c, i) -> Shapes.blend(c, i, (a, b, m) -> Shuffle.blend(a, b, m, BYTES));
      case "BLENDVPS" -> (c, i) -> Shapes.blend(c, i, (a, b, m) -> Shuffle.blend(a, b, m, DWORDS));
      case "BLENDVPD" -> (c, i) -> Shapes.blend(c, i, (a, b, m) -> Shuffle.blend(a, b, m, QWORDS));
      case "PMOVZXBW" -> (c, i) -> Shapes.extend(c, i, 2, Shuffle::zeroExtendBytesToWords);
      case "PMOVSXBW" -> (c, i) -> Shapes.extend(c, i, 2, Shuffle::signExtendBytesToWords);
      case "PMOVZXBD" -> (c, i) -> Shapes.extend(c, i, 4, Shuffle::zeroExtendBytesToDwords);
      case "PMOVSXBD" -> (c, i) -> Shapes.extend(c, i, 4, Shuffle::signExtendBytesToDwords);
      case "PMOVZXBQ" -> (c, i) -> Shapes.extend(c, i, 8, a -> a & 0xFF);
      case "PMOVSXBQ" -> (c, i) -> Shapes.extend(c, i, 8, a -> (byte) a);
      case "PMOVZXWD" -> (c, i) -> Shapes.extend(c, i, 2, Shuffle::zeroExtendWordsToDwords);
      case "PMOVSXWD" -> (c, i) -> Shapes.extend(c, i, 2, Shuffle::signExtendWordsToDwords);
      case "PMOVZXWQ" -> (c, i) -> Shapes.extend(c, i, 4, a -> a & 0xFFFF);
      case "PMOVSXWQ" -> (c, i) -> Shapes.extend(c, i, 4, a -> (short) a);
      case "PMOVZXDQ" -> (c, i) -> Shapes.extend(c, i, 2, a -> a & 0xFFFF_FFFFL);
      case "PMOVSXDQ" -> (c, i) -> Shapes.extend(c, i, 2, a -> (int) a);
      case "PMOVMSKB" -> (c, i) -> Shapes.moveMask(c, i, 8, Packed::signBytes);
      case "MOVMSKPS" -> (c, i) -> Shapes.moveMask(c, i, 2, Packed::signDwords);
      case "MOVMSKPD" -> (c, i) -> Shapes.moveMask(c, i, 1, Packed::signQword);
      case "PHMINPOSUW" ->
          (c, i) ->
              Shapes.lanes(
                  c,
                  i,
                  (aLow, aHigh, bLow, bHigh) -> Shuffle.leastWord(bLow, bHigh),
                  (aLow, aHigh, bLow, bHigh) -> 0);
      case "MOVDDUP" -> ShuffleInstructions::duplicateDoubles;
      case "MOVSLDUP" -> (c, i) -> Shapes.unary(c, i, a -> a << 32 | a & 0xFFFF_FFFFL);
      case "MOVSHDUP" -> (c, i) -> Shapes.unary(c, i, a -> a >>> 32 | a & ~0xFFFF_FFFFL);
      default -> null;
    };
  }

  /** MOVDDUP reads only 64 bits of memory in its 128-bit form. */
  private static void duplicateDoubles(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    long[] v = cpu.vector;
    int d = Access.reg(i);
    if (Access.isWide(i)) {
      int b = Access.rm(cpu, i);
      long upper = v[b + 2];
      Access.write128(cpu, i, d, v[b], v[b]);
      v[d + 2] = upper;
      v[d + 3] = upper;
    } else {
      long value = Access.rm64(cpu, i);
      Access.write128(cpu, i, d, value, value);
    }
  }
}
