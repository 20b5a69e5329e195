package dev.ringzero.images;

/** Hears what is being done, for a person who waits. */
public interface Progress {
  /** Shows nothing. */
  Progress SILENT = (step, doneBytes, totalBytes) -> {};

  /**
   * Work went on.
   *
   * @param step what is being done, such as "fetching linux-image-cloud-amd64"
   * @param totalBytes 0 where the amount of work is not known
   */
  void at(String step, long doneBytes, long totalBytes);

  /** A step began whose length is not known. */
  default void at(String step) {
    at(step, 0, 0);
  }
}
