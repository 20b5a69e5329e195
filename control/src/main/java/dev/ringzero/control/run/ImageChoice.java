package dev.ringzero.control.run;

/**
 * The image that a user wants as the guest's root.
 *
 * @param image a name that the store knows, or a file
 * @param persistent whether what the guest changes is kept for the next run
 */
public record ImageChoice(String image, boolean persistent) {
  private static final String PERSISTENT = ",persistent";

  /** Reads {@code IMAGE[,persistent]}. */
  public static ImageChoice parse(String text) {
    boolean persistent = text.endsWith(PERSISTENT);
    return new ImageChoice(
        persistent ? text.substring(0, text.length() - PERSISTENT.length()) : text, persistent);
  }
}
