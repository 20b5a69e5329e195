package dev.ringzero.cli.doctor;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The few calls of the C library that tell what the host allows. */
final class LibC {
  static final int PROT_READ = 1;
  static final int PROT_WRITE = 2;
  static final int PROT_EXEC = 4;
  private static final int MAP_PRIVATE = 2;
  private static final int MAP_ANONYMOUS = 0x20;
  private static final long MAP_FAILED = -1;

  private static final Linker LINKER = Linker.nativeLinker();

  private LibC() {}

  private static MethodHandle function(String name, FunctionDescriptor type) {
    return LINKER.downcallHandle(LINKER.defaultLookup().find(name).orElseThrow(), type);
  }

  /** Whether the host gives a page with these rights. */
  static boolean maps(long lengthBytes, int rights) throws Throwable {
    MethodHandle mmap =
        function(
            "mmap",
            FunctionDescriptor.of(
                ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    MethodHandle munmap = function("munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
    MemorySegment page =
        (MemorySegment)
            mmap.invokeExact(
                MemorySegment.NULL, lengthBytes, rights, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0L);
    if (page.address() == MAP_FAILED) {
      return false;
    }
    return (int) munmap.invokeExact(page, lengthBytes) == 0;
  }
}
