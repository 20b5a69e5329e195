package dev.ringzero.devices.virtio.net;

/** What a network card is plugged into. Nothing here blocks. */
public interface FrameWire {
  /** Sends an Ethernet frame. The array is used again afterwards. */
  void send(byte[] frame, int offset, int lengthBytes);

  /**
   * Takes the next frame that arrived.
   *
   * @param destination with room for {@link VirtioNet#MOST_FRAME_BYTES}
   * @return its length, or 0 if there is none
   */
  int receive(byte[] destination);

  /** Sets who is told when a first frame waits. */
  void onArrival(Runnable listener);
}
