package dev.ringzero.cpu.vector;

import static dev.ringzero.cpu.vector.Packed.DWORDS;
import static dev.ringzero.cpu.vector.Packed.QWORDS;
import static dev.ringzero.cpu.vector.Packed.WORDS;

import dev.ringzero.cpu.Semantics;
import dev.ringzero.x86.instruction.InstructionForm;
import dev.ringzero.x86.instruction.Operand.Place;

/** Shifts of elements, by an immediate, by a vector's low quadword, or each by its own count. */
final class ShiftInstructions {
  private ShiftInstructions() {}

  static Semantics of(String name, InstructionForm form) {
    boolean byImmediate =
        form.operands.length > 0
            && form.operands[form.operands.length - 1].place() == Place.IMMEDIATE;
    return switch (name) {
      case "PSLLW" ->
          byImmediate
              ? (c, i) -> Shapes.shiftByImmediate(c, i, (a, n) -> Packed.shiftLeft(a, n, WORDS))
              : (c, i) -> Shapes.shiftByVector(c, i, (a, n) -> Packed.shiftLeft(a, n, WORDS));
      case "PSLLD" ->
          byImmediate
              ? (c, i) -> Shapes.shiftByImmediate(c, i, (a, n) -> Packed.shiftLeft(a, n, DWORDS))
              : (c, i) -> Shapes.shiftByVector(c, i, (a, n) -> Packed.shiftLeft(a, n, DWORDS));
      case "PSLLQ" ->
          byImmediate
              ? (c, i) -> Shapes.shiftByImmediate(c, i, (a, n) -> Packed.shiftLeft(a, n, QWORDS))
              : (c, i) -> Shapes.shiftByVector(c, i, (a, n) -> Packed.shiftLeft(a, n, QWORDS));
      case "PSRLW" ->
          byImmediate
              ? (c, i) -> Shapes.shiftByImmediate(c, i, (a, n) -> Packed.shiftRight(a, n, WORDS))
              : (c, i) -> Shapes.shiftByVector(c, i, (a, n) -> Packed.shiftRight(a, n, WORDS));
      case "PSRLD" ->
          byImmediate
              ? (c, i) -> Shapes.shiftByImmediate(c, i, (a, n) -> Packed.shiftRight(a, n, DWORDS))
              : (c, i) -> Shapes.shiftByVector(c, i, (a, n) -> Packed.shiftRight(a, n, DWORDS));
      case "PSRLQ" ->
          byImmediate
              ? (c, i) -> Shapes.shiftByImmediate(c, i, (a, n) -> Packed.shiftRight(a, n, QWORDS))
              : (c, i) -> Shapes.shiftByVector(c, i, (a, n) -> Packed.shiftRight(a, n, QWORDS));
      case "PSRAW" ->
          byImmediate
              ? (c, i) ->
                  Shapes.shiftByImmediate(c, i, (a, n) -> Packed.shiftRightSigned(a, n, WORDS))
              : (c, i) ->
                  Shapes.shiftByVector(c, i, (a, n) -> Packed.shiftRightSigned(a, n, WORDS));
      case "PSRAD" ->
          byImmediate
              ? (c, i) ->
                  Shapes.shiftByImmediate(c, i, (a, n) -> Packed.shiftRightSigned(a, n, DWORDS))
              : (c, i) ->
                  Shapes.shiftByVector(c, i, (a, n) -> Packed.shiftRightSigned(a, n, DWORDS));
      case "PSLLDQ" ->
          (c, i) ->
              Shapes.shiftLanes(
                  c,
                  i,
                  (low, high, x, y, n) -> Shuffle.shiftLeftLow(low, n),
                  (low, high, x, y, n) -> Shuffle.shiftLeftHigh(low, high, n));
      case "PSRLDQ" ->
          (c, i) ->
              Shapes.shiftLanes(
                  c,
                  i,
                  (low, high, x, y, n) -> Shuffle.shiftRightLow(low, high, n),
                  (low, high, x, y, n) -> Shuffle.shiftRightHigh(high, n));
      case "PSLLVD" -> (c, i) -> Shapes.binary(c, i, Packed::shiftLeftDwords);
      case "PSRLVD" -> (c, i) -> Shapes.binary(c, i, Packed::shiftRightDwords);
      case "PSRAVD" -> (c, i) -> Shapes.binary(c, i, Packed::shiftRightSignedDwords);
      case "PSLLVQ" -> (c, i) -> Shapes.binary(c, i, (a, n) -> Packed.shiftLeft(a, n, QWORDS));
      case "PSRLVQ" -> (c, i) -> Shapes.binary(c, i, (a, n) -> Packed.shiftRight(a, n, QWORDS));
      default -> null;
    };
  }
}
