package dev.ringzero.images.ext4;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * By what a file system is told from others. It follows from what the file system is made of, so
 * that the same input makes the same bytes.
 *
 * @param label up to 16 bytes of UTF-8
 * @param seconds when it was made, as it says
 */
public record Ext4Identity(String label, byte[] uuid, byte[] hashSeed, long seconds) {
  private static final int UUID_BYTES = 16;
  private static final int VERSION_BYTE = 6;
  private static final int VARIANT_BYTE = 8;

  /** Derives it from a text. */
  public static Ext4Identity of(String label, String madeOf, long seconds) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(madeOf.getBytes(StandardCharsets.UTF_8));
      byte[] uuid = Arrays.copyOf(digest, UUID_BYTES);
      uuid[VERSION_BYTE] = (byte) (uuid[VERSION_BYTE] & 0x0F | 0x80);
      uuid[VARIANT_BYTE] = (byte) (uuid[VARIANT_BYTE] & 0x3F | 0x80);
      return new Ext4Identity(
          label, uuid, Arrays.copyOfRange(digest, UUID_BYTES, 2 * UUID_BYTES), seconds);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
