package dev.ringzero.kvm;

/** Who keeps the local APICs of a machine. */
public enum ApicPlace {
  /** The host's kernel, beside its own vCPUs; the I/O APIC and the 8259s stay outside. */
  KERNEL,

  /** The monitor, with its own processors' model of them. */
  MONITOR
}
