package dev.ringzero.vmm.machine;

/** What a guest's console is. */
public enum ConsoleKind {
  SERIAL,
  /** A virtio console, hvc0 in Linux, beside the serial port, where the kernel's messages stay. */
  VIRTIO
}
