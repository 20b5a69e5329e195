package dev.ringzero.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** AES, SHA and carry-less multiplication against the Java library and published values. */
class CryptographyTest {
  /** FIPS 197, "AES-128 (Nk=4, Nr=10)". */
  private static final String KEY = "000102030405060708090a0b0c0d0e0f";

  private static final String PLAIN = "00112233445566778899aabbccddeeff";
  private static final String CIPHERTEXT = "69c4e0d86a7b0430d8cdb78070b4c55a";

  /** A vector whose bytes in memory order are these. */
  private static String reversed(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    StringBuilder text = new StringBuilder();
    for (int n = bytes.length - 1; n >= 0; n--) {
      text.append("%02x".formatted(bytes[n]));
    }
    return text.toString();
  }

  /** Expands the key into XMM4 to XMM14 with AESKEYGENASSIST, as Intel's example does. */
  private static void expandKey(VectorFixture f) {
    String[] roundConstants = {"01", "02", "04", "08", "10", "20", "40", "80", "1b", "36"};
    f.xmm(1, reversed(KEY));
    store(f, 0);
    for (int round = 1; round <= 10; round++) {
      f.run("66 0f 3a df d1 " + roundConstants[round - 1]); // AESKEYGENASSIST XMM2, XMM1, imm8
      f.run("66 0f 70 d2 ff"); // PSHUFD XMM2, XMM2, 0FFH
      for (int n = 0; n < 3; n++) {
        f.run("66 0f 6f d9", "66 0f 73 fb 04", "66 0f ef cb"); // XMM1 ^= XMM1 << 32
      }
      f.run("66 0f ef ca"); // PXOR XMM1, XMM2
      store(f, round);
    }
  }

  private static void store(VectorFixture f, int round) {
    f.quadword(16 * round, f.cpu.vector[4]).quadword(16 * round + 8, f.cpu.vector[5]);
  }

  private static String memory(String opcode, int offset) {
    return opcode + " 83 " + reversed("%08x".formatted(offset)); // XMM0, [RBX + disp32]
  }

  @Test
  void aBlockIsEncryptedAndDecryptedAsTheStandardSays() {
    try (VectorFixture f = new VectorFixture()) {
      expandKey(f);
      f.xmm(0, reversed(PLAIN)).run(memory("66 0f ef", 0));
      for (int round = 1; round < 10; round++) {
        f.run(memory("66 0f 38 dc", 16 * round));
      }
      f.run(memory("66 0f 38 dd", 160));
      assertThat(f.xmm(0)).isEqualTo(reversed(CIPHERTEXT));
      f.run(memory("66 0f ef", 160));
      for (int round = 9; round > 0; round--) {
        f.run("66 0f 6f 8b " + reversed("%08x".formatted(16 * round))); // MOVDQA XMM1, …
        f.run("66 0f 38 db c9", "66 0f 38 de c1"); // AESIMC XMM1, XMM1; AESDEC XMM0, XMM1
      }
      f.run(memory("66 0f 38 df", 0));
      assertThat(f.xmm(0)).isEqualTo(reversed(PLAIN));
    }
  }

  @Test
  void theStandardsValuesAreTheJavaLibrarysToo() throws Exception {
    Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
    cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(HexFormat.of().parseHex(KEY), "AES"));
    byte[] encrypted = cipher.doFinal(HexFormat.of().parseHex(PLAIN));
    assertThat(HexFormat.of().formatHex(encrypted)).isEqualTo(CIPHERTEXT);
  }

  /**
   * Intel, "Intel Carry-Less Multiplication Instruction and its Usage for Computing the GCM Mode".
   */
  @Test
  void productsWithoutCarriesAreThePublishedOnes() {
    String a = "7b5b54657374566563746f725d53475d";
    String b = "48692853686179295b477565726f6e5d";
    String[] products = {
      "1d4d84c85c3440c0929633d5d36f0451", "1a2bf6db3a30862fbabf262df4b7d5c9",
      "1bd17c8d556ab5a17fa540ac2a281315", "1d1e1f2c592e7c45d66ee03e410fd4ed",
    };
    String[] selections = {"00", "01", "10", "11"};
    try (VectorFixture f = new VectorFixture()) {
      for (int n = 0; n < 4; n++) {
        f.xmm(0, a).xmm(1, b).run("66 0f 3a 44 c1 " + selections[n]);
        assertThat(f.xmm(0)).isEqualTo(products[n]);
      }
    }
  }

  private static final int[] PRIMES = {
    2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167, 173, 179, 181, 191, 193,
    197, 199, 211, 223, 227, 229, 233, 239, 241, 251, 257, 263, 269, 271, 277, 281, 283, 293, 307,
    311
  };

  private static int rootFraction(double root) {
    return (int) (long) ((root - Math.floor(root)) * 0x1p32);
  }

  private static String vector(int d3, int d2, int d1, int d0) {
    return "%08x%08x%08x%08x".formatted(d3, d2, d1, d0);
  }

  private static byte[] paddedAbc() {
    ByteBuffer block = ByteBuffer.allocate(64);
    block.put("abc".getBytes(StandardCharsets.US_ASCII)).put((byte) 0x80).putLong(56, 24);
    return block.array();
  }

  @Test
  void sha256OfOneBlockIsTheJavaLibrarys() throws NoSuchAlgorithmException {
    int[] h = new int[8];
    for (int n = 0; n < 8; n++) {
      h[n] = rootFraction(Math.sqrt(PRIMES[n]));
    }
    try (VectorFixture f = new VectorFixture()) {
      int[] w = schedule256(f);
      f.xmm(1, vector(h[2], h[3], h[6], h[7])); // C, D, G, H
      f.xmm(2, vector(h[0], h[1], h[4], h[5])); // A, B, E, F
      for (int round = 0; round < 64; round += 2) {
        int k0 = w[round] + rootFraction(Math.cbrt(PRIMES[round]));
        int k1 = w[round + 1] + rootFraction(Math.cbrt(PRIMES[round + 1]));
        f.xmm(0, vector(0, 0, k1, k0));
        f.run("0f 38 cb ca"); // SHA256RNDS2 XMM1, XMM2: the new A, B, E, F
        f.run("66 0f 6f d9", "66 0f 6f ca", "66 0f 6f d3"); // exchange XMM1 and XMM2
      }
      String abef = f.xmm(2);
      String cdgh = f.xmm(1);
      int[] order = {0, 1, 4, 5, 2, 3, 6, 7};
      ByteBuffer digest = ByteBuffer.allocate(32);
      for (int n = 0; n < 8; n++) {
        String from = n < 4 ? abef : cdgh;
        int value = Integer.parseUnsignedInt(from.substring(8 * (n & 3), 8 * (n & 3) + 8), 16);
        digest.putInt(4 * order[n], value + h[order[n]]);
      }
      byte[] expected =
          MessageDigest.getInstance("SHA-256").digest("abc".getBytes(StandardCharsets.US_ASCII));
      assertThat(digest.array()).isEqualTo(expected);
    }
  }

  /** The 64 message words, by SHA256MSG1 and SHA256MSG2. */
  private static int[] schedule256(VectorFixture f) {
    int[] w = new int[64];
    ByteBuffer.wrap(paddedAbc()).order(ByteOrder.BIG_ENDIAN).asIntBuffer().get(w, 0, 16);
    for (int n = 16; n < 64; n += 4) {
      f.xmm(1, vector(w[n - 13], w[n - 14], w[n - 15], w[n - 16]));
      f.xmm(2, vector(w[n - 9], w[n - 10], w[n - 11], w[n - 12]));
      f.run("0f 38 cc ca"); // SHA256MSG1 XMM1, XMM2
      f.xmm(2, vector(w[n - 4], w[n - 5], w[n - 6], w[n - 7]));
      f.run("66 0f fe ca"); // PADDD XMM1, XMM2
      f.xmm(2, vector(w[n - 1], w[n - 2], w[n - 3], w[n - 4]));
      f.run("0f 38 cd ca"); // SHA256MSG2 XMM1, XMM2
      String next = f.xmm(1);
      for (int k = 0; k < 4; k++) {
        w[n + k] = Integer.parseUnsignedInt(next.substring(24 - 8 * k, 32 - 8 * k), 16);
      }
    }
    return w;
  }
}
