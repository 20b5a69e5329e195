package dev.ringzero.devices.virtio.console;

/** Takes what a guest writes. Must not block. */
@FunctionalInterface
public interface ConsoleSink {
  /**
   * Takes bytes.
   *
   * @return how many; where that is fewer than given, {@link VirtioConsole#resumeOutput} asks for
   *     the rest
   */
  int take(byte[] bytes, int lengthBytes);
}
