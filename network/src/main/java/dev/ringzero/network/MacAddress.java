package dev.ringzero.network;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.regex.Pattern;

/** Addresses of network cards: numbers of 48 bits, as people write them. */
public final class MacAddress {
  private static final Pattern FORM = Pattern.compile("([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}");

  /** A locally administered prefix. */
  private static final long PREFIX = 0x52_5AL << 32;

  private static final long GROUP = 1L << 40;

  private MacAddress() {}

  /**
   * Reads an address.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  public static long parse(String text) {
    if (!FORM.matcher(text).matches()) {
      throw new IllegalArgumentException("an address such as 52:5a:00:00:00:01, not " + text);
    }
    long mac = Long.parseLong(text.replace(":", ""), 16);
    if (mac == 0 || (mac & GROUP) != 0) {
      throw new IllegalArgumentException("the address of one card, not of a group: " + text);
    }
    return mac;
  }

  public static String format(long mac) {
    StringBuilder text = new StringBuilder();
    for (int shift = 40; shift >= 0; shift -= 8) {
      text.append(String.format("%02x%s", mac >>> shift & 0xFF, shift > 0 ? ":" : ""));
    }
    return text.toString();
  }

  /** The address that a card has unless it is told: the same for the same name. */
  public static long of(String card) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(card.getBytes(StandardCharsets.UTF_8));
      long mac = 0;
      for (int i = 0; i < 4; i++) {
        mac = mac << 8 | hash[i] & 0xFF;
      }
      return PREFIX | mac;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
