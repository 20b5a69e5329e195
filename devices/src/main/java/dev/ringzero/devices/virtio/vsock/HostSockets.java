package dev.ringzero.devices.virtio.vsock;

/** What programs of the guest reach on the host. */
@FunctionalInterface
public interface HostSockets {
  /**
   * A program of the guest asks for a port of the host's. Must not block, nor call the stream;
   * later, and on any thread, one of {@link VsockStream#accept} and {@link VsockStream#reset}
   * answers.
   */
  void requested(VsockStream stream);
}
