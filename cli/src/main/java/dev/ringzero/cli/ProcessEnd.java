package dev.ringzero.cli;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/**
 * How this process ends. The JVM waits up to 0.3 seconds at its end for threads that are in a
 * system call, as those that read keys or sockets are; a command that has returned has nothing left
 * for which that would be worth waiting.
 */
final class ProcessEnd {
  /** Set where the JVM has nothing to write at its end, as it has when it records for its cache. */
  private static final String AT_ONCE = "rz.endsAtOnce";

  private ProcessEnd() {}

  /** Ends this process. Shutdown hooks run only where the JVM is to end by itself. */
  static void with(int status) {
    System.out.flush();
    System.err.flush();
    if (Boolean.getBoolean(AT_ONCE)) {
      atOnce(status);
    }
    System.exit(status);
  }

  private static void atOnce(int status) {
    try {
      Linker linker = Linker.nativeLinker();
      MethodHandle exit =
          linker.downcallHandle(
              linker.defaultLookup().find("_exit").orElseThrow(),
              FunctionDescriptor.ofVoid(JAVA_INT));
      exit.invokeExact(status);
    } catch (Throwable e) {
      // Then it ends as any other does.
    }
  }
}
