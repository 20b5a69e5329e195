package dev.ringzero.cli.doctor;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether the host's own virtualization can be used.
 *
 * @spec Linux Documentation/virt/kvm/api.rst, KVM_GET_API_VERSION
 */
final class KvmCheck {
  private static final String SUBJECT = "KVM";
  private static final Path DEVICE = Path.of("/dev/kvm");
  private static final long KVM_GET_API_VERSION = 0xAE00;
  private static final long KVM_CREATE_VM = 0xAE01;
  private static final long KVM_CREATE_VCPU = 0xAE41;
  private static final int KVM_API_VERSION = 12;

  private KvmCheck() {}

  static Finding find() {
    if (!Files.exists(DEVICE)) {
      return missing("there is no " + DEVICE);
    }
    if (!Files.isReadable(DEVICE) || !Files.isWritable(DEVICE)) {
      return missing("you may not open " + DEVICE + "; join the group kvm");
    }
    try {
      return open();
    } catch (Throwable e) {
      return missing("native calls are not allowed");
    }
  }

  private static Finding open() throws Throwable {
    int kvm = LibC.open(DEVICE.toString());
    if (kvm < 0) {
      return missing(DEVICE + " cannot be opened");
    }
    try {
      int version = LibC.ioctl(kvm, KVM_GET_API_VERSION, 0);
      return version == KVM_API_VERSION
          ? machine(kvm)
          : missing(DEVICE + " has version " + version + ", not " + KVM_API_VERSION);
    } finally {
      LibC.close(kvm);
    }
  }

  private static Finding machine(int kvm) throws Throwable {
    int vm = LibC.ioctl(kvm, KVM_CREATE_VM, 0);
    if (vm < 0) {
      return missing(DEVICE + " makes no machine");
    }
    try {
      int cpu = LibC.ioctl(vm, KVM_CREATE_VCPU, 0);
      if (cpu < 0) {
        return missing(DEVICE + " makes no processor");
      }
      LibC.close(cpu);
      return Finding.good(SUBJECT, DEVICE + " makes a machine with a processor");
    } finally {
      LibC.close(vm);
    }
  }

  private static Finding missing(String words) {
    return Finding.missing(SUBJECT, words + "; RingZero's own processor runs the guests");
  }
}
