package dev.ringzero.cpu.vector;

import static dev.ringzero.cpu.vector.Packed.BYTES;
import static dev.ringzero.cpu.vector.Packed.DWORDS;
import static dev.ringzero.cpu.vector.Packed.QWORDS;
import static dev.ringzero.cpu.vector.Packed.WORDS;

import dev.ringzero.cpu.Semantics;

/**
 * Integer arithmetic, comparison and logic, element by element.
 *
 * @spec Intel SDM Vol. 1, "SSE2 64-Bit and 128-Bit SIMD Integer Instructions"
 */
final class IntegerInstructions {
  private IntegerInstructions() {}

  static Semantics of(String name) {
    return switch (name) {
      case "PADDB" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.add(a, b, BYTES));
      case "PADDW" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.add(a, b, WORDS));
      case "PADDD" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.add(a, b, DWORDS));
      case "PADDQ" -> (c, i) -> Shapes.binary(c, i, (a, b) -> a + b);
      case "PSUBB" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.subtract(a, b, BYTES));
      case "PSUBW" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.subtract(a, b, WORDS));
      case "PSUBD" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.subtract(a, b, DWORDS));
      case "PSUBQ" -> (c, i) -> Shapes.binary(c, i, (a, b) -> a - b);
      case "PCMPEQB" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.equal(a, b, BYTES));
      case "PCMPEQW" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.equal(a, b, WORDS));
      case "PCMPEQD" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.equal(a, b, DWORDS));
      case "PCMPEQQ" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.equal(a, b, QWORDS));
      case "PCMPGTB" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.greater(a, b, BYTES));
      case "PCMPGTW" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.greater(a, b, WORDS));
      case "PCMPGTD" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.greater(a, b, DWORDS));
      case "PCMPGTQ" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.greater(a, b, QWORDS));
      case "PADDUSB" ->
          (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.addUnsignedSaturated(a, b, BYTES));
      case "PADDUSW" ->
          (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.addUnsignedSaturated(a, b, WORDS));
      case "PSUBUSB" ->
          (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.subtractUnsignedSaturated(a, b, BYTES));
      case "PSUBUSW" ->
          (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.subtractUnsignedSaturated(a, b, WORDS));
      case "PADDSB" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.addSaturated(a, b, BYTES));
      case "PADDSW" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.addSaturated(a, b, WORDS));
      case "PSUBSB" ->
          (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.subtractSaturated(a, b, BYTES));
      case "PSUBSW" ->
          (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.subtractSaturated(a, b, WORDS));
      case "PAVGB" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.average(a, b, BYTES));
      case "PAVGW" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.average(a, b, WORDS));
      case "PSIGNB" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.sign(a, b, BYTES));
      case "PSIGNW" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.sign(a, b, WORDS));
      case "PSIGND" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.sign(a, b, DWORDS));
      case "PMINUB" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.minUnsigned(a, b, BYTES));
      case "PMINUW" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.minUnsigned(a, b, WORDS));
      case "PMINUD" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.minUnsigned(a, b, DWORDS));
      case "PMAXUB" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.maxUnsigned(a, b, BYTES));
      case "PMAXUW" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.maxUnsigned(a, b, WORDS));
      case "PMAXUD" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.maxUnsigned(a, b, DWORDS));
      case "PMINSB" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.minSigned(a, b, BYTES));
      case "PMINSW" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.minSigned(a, b, WORDS));
      case "PMINSD" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.minSigned(a, b, DWORDS));
      case "PMAXSB" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.maxSigned(a, b, BYTES));
      case "PMAXSW" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.maxSigned(a, b, WORDS));
      case "PMAXSD" -> (c, i) -> Shapes.binary(c, i, (a, b) -> Packed.maxSigned(a, b, DWORDS));
      case "PMULLW" -> (c, i) -> Shapes.binary(c, i, Packed::multiplyLowWords);
      case "PMULHW" -> (c, i) -> Shapes.binary(c, i, Packed::multiplyHighWords);
      case "PMULHUW" -> (c, i) -> Shapes.binary(c, i, Packed::multiplyHighUnsignedWords);
      case "PMULHRSW" -> (c, i) -> Shapes.binary(c, i, Packed::multiplyHighRoundedWords);
      case "PMADDWD" -> (c, i) -> Shapes.binary(c, i, Packed::multiplyAddWords);
      case "PMADDUBSW" -> (c, i) -> Shapes.binary(c, i, Packed::multiplyAddBytes);
      case "PMULUDQ" -> (c, i) -> Shapes.binary(c, i, Packed::multiplyUnsignedDwords);
      case "PMULDQ" -> (c, i) -> Shapes.binary(c, i, Packed::multiplySignedDwords);
      case "PMULLD" -> (c, i) -> Shapes.binary(c, i, Packed::multiplyLowDwords);
      case "PSADBW" -> (c, i) -> Shapes.binary(c, i, Packed::sumOfDifferences);
      case "PABSB" -> (c, i) -> Shapes.unary(c, i, a -> Packed.absolute(a, BYTES));
      case "PABSW" -> (c, i) -> Shapes.unary(c, i, a -> Packed.absolute(a, WORDS));
      case "PABSD" -> (c, i) -> Shapes.unary(c, i, a -> Packed.absolute(a, DWORDS));
      case "PAND", "ANDPS", "ANDPD" -> (c, i) -> Shapes.binary(c, i, (a, b) -> a & b);
      case "PANDN", "ANDNPS", "ANDNPD" -> (c, i) -> Shapes.binary(c, i, (a, b) -> ~a & b);
      case "POR", "ORPS", "ORPD" -> (c, i) -> Shapes.binary(c, i, (a, b) -> a | b);
      case "PXOR", "XORPS", "XORPD" -> (c, i) -> Shapes.binary(c, i, (a, b) -> a ^ b);
      default -> null;
    };
  }
}
