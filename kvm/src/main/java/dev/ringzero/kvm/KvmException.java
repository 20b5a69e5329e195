package dev.ringzero.kvm;

import dev.ringzero.engine.EngineException;

/** The host's KVM refused or could not go on; the message says what to do. */
public final class KvmException extends EngineException {
  private static final long serialVersionUID = 1L;

  KvmException(String message) {
    super(message);
  }

  /** What KVM of this host cannot do, which our own processor can. */
  static KvmException unable(String what) {
    return new KvmException(what + ": use the software engine");
  }

  static KvmException ofCall(String call, int errno, String advice) {
    return new KvmException(call + " failed with " + Errno.name(errno) + ": " + advice);
  }
}
