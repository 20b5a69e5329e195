package dev.ringzero.cpu.translator;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Which of this process's threads the host prefers. On two processors the JVM's optimizing compiler
 * and who makes code ready in advance would take half of the guest's.
 */
final class HostThreads {
  private static final Path TASKS = Path.of("/proc/self/task");
  private static final String OPTIMIZING_COMPILER = "C2 ";
  private static final int PRIO_PROCESS = 0;
  private static final int THIS_THREAD = 0;
  private static final int NICE = 10;

  private HostThreads() {}

  /** Lets this thread and the JVM's optimizing compiler run behind all others. */
  static void yieldToOthers() {
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
      Linker linker = Linker.nativeLinker();
      MethodHandle setPriority =
          linker.downcallHandle(
              linker.defaultLookup().find("setpriority").orElseThrow(),
              FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
      int result = (int) setPriority.invokeExact(PRIO_PROCESS, THIS_THREAD, NICE);
      for (Path task : tasks) {
        if (result == 0 && Files.readString(task.resolve("comm")).startsWith(OPTIMIZING_COMPILER)) {
          int thread = Integer.parseInt(task.getFileName().toString());
          result = (int) setPriority.invokeExact(PRIO_PROCESS, thread, NICE);
        }
      }
    } catch (IOException | RuntimeException e) {
      // Then all have the same.
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
