package dev.ringzero.kvm.vfio;

import java.lang.foreign.MemorySegment;

/** What is asked of the kernel. Calls give a negative error number where they fail. */
interface VfioCalls {
  /** Opens a file for reading and writing. */
  int open(String path);

  /** An ioctl whose argument is a structure, which the kernel may write. */
  int ioctl(int fd, Vfio call, MemorySegment argument);

  /** An ioctl whose argument is a number. */
  int ioctl(int fd, Vfio call, long argument);

  /** Reads at a place of a file; how many bytes. */
  long read(int fd, MemorySegment to, long offset);

  /** Writes at a place of a file; how many bytes. */
  long write(int fd, MemorySegment from, long offset);

  /**
   * Maps a piece of a file for reading and writing.
   *
   * @return its address, or a negative number where that fails
   */
  long map(int fd, long lengthBytes, long offset);

  void unmap(long address, long lengthBytes);

  /** A counter that the kernel adds to when there is an interrupt. */
  int eventCounter();

  /**
   * Waits until one of the counters is not zero, and clears it.
   *
   * @return which of them, or a negative number when time is over
   */
  int awaitEvent(int[] counters, int timeoutMillis);

  void close(int fd);
}
