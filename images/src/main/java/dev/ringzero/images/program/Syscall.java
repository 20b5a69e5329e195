package dev.ringzero.images.program;

/**
 * System calls that our programs make.
 *
 * @spec Linux arch/x86/entry/syscalls/syscall_64.tbl
 */
enum Syscall {
  READ(0),
  WRITE(1),
  OPEN(2),
  CLOSE(3),
  POLL(7),
  RT_SIGACTION(13),
  IOCTL(16),
  DUP2(33),
  SOCKET(41),
  BIND(49),
  LISTEN(50),
  FORK(57),
  EXECVE(59),
  EXIT(60),
  WAIT4(61),
  KILL(62),
  FCNTL(72),
  SETSID(112),
  ACCEPT4(288),
  PIPE2(293),
  PIDFD_OPEN(434);

  final int number;

  Syscall(int number) {
    this.number = number;
  }
}
