package dev.ringzero.network;

/**
 * A place where a network card plugs in. Sending never waits for anybody: what does not fit is
 * dropped and counted. Any thread may call; one thread at a time receives.
 */
public interface Port extends AutoCloseable {
  /** The longest Ethernet frame that a port takes, without its check sequence. */
  int MOST_FRAME_BYTES = 9018;

  /** Sends a frame onto the wire. The array may be used again afterwards. */
  void send(byte[] frame, int offset, int lengthBytes);

  /**
   * Takes the next frame that came over the wire.
   *
   * @param destination with room for {@link #MOST_FRAME_BYTES}
   * @return its length, or 0 if there is none
   */
  int receive(byte[] destination);

  /**
   * Sets who is told when a first frame waits. It must not block, and takes frames until there is
   * none, or comes back by itself.
   */
  void onArrival(Runnable listener);

  /** Unplugs. */
  @Override
  void close();
}
