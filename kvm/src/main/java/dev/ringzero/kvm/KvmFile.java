package dev.ringzero.kvm;

import java.lang.foreign.MemorySegment;

/** An open file of KVM: the system, a machine or a vCPU. One thread at a time. */
final class KvmFile implements AutoCloseable {
  static final String DEVICE = "/dev/kvm";
  private static final int API_VERSION = 12;

  private final MemorySegment callState = HostCalls.newCallState();
  private int fd;

  private KvmFile(int fd) {
    this.fd = fd;
  }

  /** Opens the system's device and checks its version. */
  static KvmFile openSystem() {
    int fd = HostCalls.open(DEVICE);
    if (fd < 0) {
      throw KvmException.ofCall("open " + DEVICE, -fd, openAdvice(-fd));
    }
    KvmFile file = new KvmFile(fd);
    int version = file.call(Ioctl.KVM_GET_API_VERSION, 0);
    if (version != API_VERSION) {
      file.close();
      throw new KvmException(DEVICE + " has version " + version + ", not " + API_VERSION);
    }
    return file;
  }

  private static String openAdvice(int errno) {
    return switch (errno) {
      case Errno.ENOENT -> "there is no such device; load kvm_intel or kvm_amd";
      case Errno.EACCES -> "you may not open it; join the group kvm";
      default -> "enable virtualization in the host's firmware";
    };
  }

  /** The file that a call makes. */
  KvmFile create(Ioctl call, long argument) {
    return new KvmFile(call(call, argument));
  }

  /** What the call returns. */
  int call(Ioctl call, long argument) {
    int result = attempt(call, argument);
    if (result < 0) {
      throw KvmException.ofCall(call.name(), -result, call.advice);
    }
    return result;
  }

  int call(Ioctl call, MemorySegment argument) {
    return call(call, argument.address());
  }

  /** What the call returns, or a negative error number. */
  int attempt(Ioctl call, long argument) {
    return HostCalls.ioctl(fd, call.number, argument, callState);
  }

  /** The same, for a thread with its own room for the error number. */
  int attempt(Ioctl call, long argument, MemorySegment ownCallState) {
    return HostCalls.ioctl(fd, call.number, argument, ownCallState);
  }

  boolean has(int capability) {
    return attempt(Ioctl.KVM_CHECK_EXTENSION, capability) > 0;
  }

  MemorySegment map(long lengthBytes) {
    return HostCalls.mapShared(fd, lengthBytes);
  }

  @Override
  public void close() {
    if (fd >= 0) {
      HostCalls.close(fd);
      fd = -1;
    }
  }
}
