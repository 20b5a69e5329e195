package dev.ringzero.vmm.xen.device;

/**
 * Frames that the guest lets its devices use, by the references that it gives them. What it has not
 * granted, or granted for reading alone, is refused. Any thread.
 */
public interface Grants {
  /**
   * Copies out of a granted frame.
   *
   * @return false if the guest does not allow it
   */
  boolean read(int reference, int offset, byte[] to, int at, int lengthBytes);

  /** Copies into a granted frame; false if the guest does not allow it. */
  boolean write(int reference, int offset, byte[] from, int at, int lengthBytes);

  /**
   * Keeps a granted frame in use, for reading and writing.
   *
   * @return its machine address, or -1 if the guest does not allow it
   */
  long map(int reference);

  /** Ends one {@link #map}. */
  void unmap(int reference);

  /**
   * Connects a device to an event channel that the guest made for it.
   *
   * @param heard run, on any thread, when the guest signals; it must not block
   * @return how the guest is signalled; null if there is no such channel
   */
  Channel connect(int port, Runnable heard);

  /** The device's end of an event channel. */
  interface Channel {
    void signal();

    void close();
  }
}
