package dev.ringzero.kvm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The signal that makes a thread leave KVM_RUN. Its handler is a function of the C library that
 * does nothing (getpid), so that no Java code runs in a signal handler; SA_RESTART keeps other
 * system calls of the thread from noticing. The JVM uses none of the real-time signals.
 */
final class Kick {
  private static final int SIGNAL = 60;
  private static final int SIGACTION_BYTES = 152;
  private static final int SA_FLAGS = 136;
  private static final int SA_RESTART = 0x1000_0000;

  private static final MethodHandle SIGACTION =
      HostCalls.function("sigaction", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle GETTID =
      HostCalls.function("gettid", FunctionDescriptor.of(JAVA_INT));
  private static final MethodHandle TGKILL =
      HostCalls.function("tgkill", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final int PROCESS = (int) ProcessHandle.current().pid();

  static {
    install();
  }

  private Kick() {}

  private static void install() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment action = arena.allocate(SIGACTION_BYTES, 8);
      action.set(JAVA_LONG, 0, HostCalls.symbol("getpid").address());
      action.set(JAVA_INT, SA_FLAGS, SA_RESTART);
      int status = (int) SIGACTION.invokeExact(SIGNAL, action, MemorySegment.NULL);
      if (status != 0) {
        throw new KvmException("the signal " + SIGNAL + " cannot be used on this host");
      }
    } catch (KvmException e) {
      throw e;
    } catch (Throwable e) {
      throw HostCalls.broken("sigaction", e);
    }
  }

  /** The kernel's number of the calling thread. */
  static int currentThread() {
    try {
      return (int) GETTID.invokeExact();
    } catch (Throwable e) {
      throw HostCalls.broken("gettid", e);
    }
  }

  /** Interrupts KVM_RUN of a thread; harmless if it is not there any more. */
  static void send(int thread) {
    try {
      int ignored = (int) TGKILL.invokeExact(PROCESS, thread, SIGNAL);
    } catch (Throwable e) {
      throw HostCalls.broken("tgkill", e);
    }
  }
}
