package dev.ringzero.cpu.vector;

import dev.ringzero.cpu.Cpu;
import dev.ringzero.cpu.Semantics;
import dev.ringzero.x86.instruction.Instruction;

/**
 * SHA-1 and SHA-256 rounds and message schedule.
 *
 * @spec Intel SDM Vol. 1, "Intel SHA Extensions"
 * @spec FIPS 180-4, "SHA-1 Hash Computation", "SHA-256 Hash Computation"
 */
final class Sha {
  private static final int[] SHA1_CONSTANTS = {0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6};

  private Sha() {}

  static Semantics of(String name) {
    return switch (name) {
      case "SHA1RNDS4" -> Sha::rounds1;
      case "SHA1NEXTE" -> Sha::next1;
      case "SHA1MSG1" -> Sha::firstMessage1;
      case "SHA1MSG2" -> Sha::secondMessage1;
      case "SHA256RNDS2" -> Sha::rounds256;
      case "SHA256MSG1" -> Sha::firstMessage256;
      case "SHA256MSG2" -> Sha::secondMessage256;
      default -> null;
    };
  }

  /** Dword n of a vector, 3 the uppermost. */
  private static int dword(Cpu cpu, int vector, int n) {
    return (int) (cpu.vector[vector + (n >> 1)] >> (n & 1) * 32);
  }

  private static void write(Cpu cpu, Instruction i, int d3, int d2, int d1, int d0) {
    long low = (long) d1 << 32 | d0 & 0xFFFF_FFFFL;
    Access.write128(cpu, i, Access.reg(i), low, (long) d3 << 32 | d2 & 0xFFFF_FFFFL);
  }

  private static void rounds1(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    int message = Access.rm(cpu, i);
    int state = Access.reg(i);
    int function = (int) i.immediate & 3;
    int a = dword(cpu, state, 3);
    int b = dword(cpu, state, 2);
    int c = dword(cpu, state, 1);
    int d = dword(cpu, state, 0);
    int e = 0; // part of the first message word
    for (int round = 0; round < 4; round++) {
      int next =
          function(function, b, c, d)
              + Integer.rotateLeft(a, 5)
              + dword(cpu, message, 3 - round)
              + e
              + SHA1_CONSTANTS[function];
      e = d;
      d = c;
      c = Integer.rotateLeft(b, 30);
      b = a;
      a = next;
    }
    write(cpu, i, a, b, c, d);
  }

  private static int function(int number, int b, int c, int d) {
    return switch (number) {
      case 0 -> b & c ^ ~b & d;
      case 2 -> majority(b, c, d);
      default -> b ^ c ^ d;
    };
  }

  private static int majority(int x, int y, int z) {
    return x & y ^ x & z ^ y & z;
  }

  private static void next1(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    int b = Access.rm(cpu, i);
    int e = Integer.rotateLeft(dword(cpu, Access.reg(i), 3), 30);
    write(cpu, i, dword(cpu, b, 3) + e, dword(cpu, b, 2), dword(cpu, b, 1), dword(cpu, b, 0));
  }

  private static void firstMessage1(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    int b = Access.rm(cpu, i);
    long low = cpu.vector[Access.reg(i)];
    long high = cpu.vector[Access.reg(i) + 1];
    Access.write128(cpu, i, Access.reg(i), low ^ cpu.vector[b + 1], high ^ low);
  }

  private static void secondMessage1(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    int b = Access.rm(cpu, i);
    int a = Access.reg(i);
    int w16 = Integer.rotateLeft(dword(cpu, a, 3) ^ dword(cpu, b, 2), 1);
    int w17 = Integer.rotateLeft(dword(cpu, a, 2) ^ dword(cpu, b, 1), 1);
    int w18 = Integer.rotateLeft(dword(cpu, a, 1) ^ dword(cpu, b, 0), 1);
    int w19 = Integer.rotateLeft(dword(cpu, a, 0) ^ w16, 1);
    write(cpu, i, w16, w17, w18, w19);
  }

  private static void rounds256(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    int abef = Access.rm(cpu, i);
    int cdgh = Access.reg(i);
    int a = dword(cpu, abef, 3);
    int b = dword(cpu, abef, 2);
    int c = dword(cpu, cdgh, 3);
    int d = dword(cpu, cdgh, 2);
    int e = dword(cpu, abef, 1);
    int f = dword(cpu, abef, 0);
    int g = dword(cpu, cdgh, 1);
    int h = dword(cpu, cdgh, 0);
    for (int round = 0; round < 2; round++) {
      int choice = e & f ^ ~e & g;
      int first = h + sum(e, 6, 11, 25) + choice + dword(cpu, 0, round);
      int second = sum(a, 2, 13, 22) + majority(a, b, c);
      h = g;
      g = f;
      f = e;
      e = d + first;
      d = c;
      c = b;
      b = a;
      a = first + second;
    }
    write(cpu, i, a, b, e, f);
  }

  private static int sum(int x, int first, int second, int third) {
    return Integer.rotateRight(x, first)
        ^ Integer.rotateRight(x, second)
        ^ Integer.rotateRight(x, third);
  }

  private static int smallSigma0(int x) {
    return Integer.rotateRight(x, 7) ^ Integer.rotateRight(x, 18) ^ x >>> 3;
  }

  private static int smallSigma1(int x) {
    return Integer.rotateRight(x, 17) ^ Integer.rotateRight(x, 19) ^ x >>> 10;
  }

  private static void firstMessage256(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    int b = Access.rm(cpu, i);
    int a = Access.reg(i);
    write(
        cpu,
        i,
        dword(cpu, a, 3) + smallSigma0(dword(cpu, b, 0)),
        dword(cpu, a, 2) + smallSigma0(dword(cpu, a, 3)),
        dword(cpu, a, 1) + smallSigma0(dword(cpu, a, 2)),
        dword(cpu, a, 0) + smallSigma0(dword(cpu, a, 1)));
  }

  private static void secondMessage256(Cpu cpu, Instruction i) {
    Access.check(cpu, i);
    int b = Access.rm(cpu, i);
    int a = Access.reg(i);
    int w16 = dword(cpu, a, 0) + smallSigma1(dword(cpu, b, 2));
    int w17 = dword(cpu, a, 1) + smallSigma1(dword(cpu, b, 3));
    int w18 = dword(cpu, a, 2) + smallSigma1(w16);
    int w19 = dword(cpu, a, 3) + smallSigma1(w17);
    write(cpu, i, w19, w18, w17, w16);
  }
}
