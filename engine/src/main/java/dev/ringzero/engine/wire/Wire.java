package dev.ringzero.engine.wire;

/** What a network card is plugged into. Nothing here waits for anybody; any thread may call. */
public interface Wire {
  /** Sends a packet, and with it the caller's reference. What does not fit is dropped. */
  void send(Packet packet);

  /** Takes the next packet that arrived, for the caller to release; null if there is none. */
  Packet receive();

  /**
   * Sets who is told when a first packet waits. It must not block, and takes packets until there is
   * none, or comes back by itself.
   */
  void onArrival(Runnable listener);

  /** Sets who is told when the cable is pulled or plugged in again. */
  default void onCarrier(CarrierListener listener) {}

  /** Says which unfinished packets the card takes; at first it takes none. */
  default void accept(Offloads offloads) {}

  /** Learns of the cable. */
  @FunctionalInterface
  interface CarrierListener {
    void carrier(boolean up);
  }
}
