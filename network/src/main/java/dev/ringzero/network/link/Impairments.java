package dev.ringzero.network.link;

/**
 * What a line does to frames in each direction.
 *
 * @param delayNanos how long every frame takes
 * @param jitterNanos up to how much longer it takes; frames keep their order
 * @param loss the share of frames that is lost, 0 to 1
 * @param bitsPerSecond the rate, 0 for any
 * @param down whether the line is cut
 */
public record Impairments(
    long delayNanos, long jitterNanos, double loss, long bitsPerSecond, boolean down) {
  public static final Impairments NONE = new Impairments(0, 0, 0, 0, false);

  public Impairments {
    if (delayNanos < 0 || jitterNanos < 0 || bitsPerSecond < 0 || !(loss >= 0 && loss <= 1)) {
      throw new IllegalArgumentException("delay, jitter and rate from 0, loss from 0 to 1");
    }
  }
}
