package dev.ringzero.images.program;

import dev.ringzero.images.program.Program.Condition;
import dev.ringzero.images.program.Program.Routine;
import dev.ringzero.images.program.Value.Constant;
import dev.ringzero.images.program.Value.Variable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The agent of our guests: listens at a port of virtio-vsock, and lets the shell that is its first
 * word run what the monitor asks for, each command in a process beside the others. Only the host is
 * heard. It is there when the program that was started has ended.
 *
 * @spec vsock(7), pty(7), ioctl_tty(2)
 */
public final class AgentProgram {
  private static final int AF_VSOCK = 40;
  private static final int SOCK_STREAM_CLOEXEC = 1 | 0x80000;
  private static final int VMADDR_CID_ANY = -1;
  private static final int VMADDR_CID_HOST = 2;
  private static final int ADDRESS_BYTES = 16;
  private static final int ADDRESS_CID = 8;
  private static final int BACKLOG = 64;

  private static final int SIGPIPE = 13;
  private static final int SIGCHLD = 17;
  private static final int SIG_IGN = 1;
  private static final int ACTION_BYTES = 32;
  private static final int SIGNAL_SET_BYTES = 8;

  private static final int WAIT_MILLIS = 100;

  private final Program program = new Program();
  private final Variable stack = program.variable();
  private final Variable listening = program.variable();
  private final Variable stream = program.variable();
  private final Variable result = program.variable();
  private final AgentSession session = new AgentSession(program, stack, stream);

  private AgentProgram() {}

  /** The program as an ELF file. */
  public static byte[] file() {
    return new AgentProgram().write();
  }

  private byte[] write() {
    program.keepStack(stack);
    Routine serve = session.routine();
    listen();
    becomeBackground();
    ignore(SIGCHLD);
    ignore(SIGPIPE);
    program.loop(() -> accept(serve));
    return program.finish();
  }

  private void listen() {
    ByteBuffer address = ByteBuffer.allocate(ADDRESS_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    address.putShort((short) AF_VSOCK).putShort((short) 0);
    address.putInt(AgentProtocol.PORT).putInt(VMADDR_CID_ANY);
    program.syscall(
        listening,
        Syscall.SOCKET,
        program.number(AF_VSOCK),
        program.number(SOCK_STREAM_CLOEXEC),
        program.number(0));
    Constant place = program.data(address.array());
    program.syscall(result, Syscall.BIND, listening, place, program.number(ADDRESS_BYTES));
    program.when(result, Condition.LESS, program.number(0), () -> program.exit(1));
    program.syscall(Syscall.LISTEN, listening, program.number(BACKLOG));
  }

  /** Who started it may call from now on. */
  private void becomeBackground() {
    program.syscall(result, Syscall.FORK);
    program.when(result, Condition.NOT_EQUAL, program.number(0), () -> program.exit(0));
    program.syscall(Syscall.SETSID);
  }

  private void ignore(int signal) {
    byte[] action = new byte[ACTION_BYTES];
    action[0] = SIG_IGN;
    program.syscall(
        Syscall.RT_SIGACTION,
        program.number(signal),
        program.data(action),
        program.number(0),
        program.number(SIGNAL_SET_BYTES));
  }

  private void accept(Routine serve) {
    Constant peer = program.room(ADDRESS_BYTES);
    Constant length = program.room(Long.BYTES);
    Variable cid = program.variable();
    program.write(4, length, 0, program.number(ADDRESS_BYTES));
    program.syscall(
        stream, Syscall.ACCEPT4, listening, peer, length, program.number(SOCK_STREAM_CLOEXEC & ~1));
    program.when(
        stream,
        Condition.LESS,
        program.number(0),
        () ->
            // Out of memory or descriptors, which may pass.
            program.syscall(
                Syscall.POLL, program.number(0), program.number(0), program.number(WAIT_MILLIS)));
    program.when(
        stream,
        Condition.GREATER,
        program.number(0),
        () -> {
          program.read(cid, 4, peer, ADDRESS_CID);
          program.when(
              cid,
              Condition.EQUAL,
              program.number(VMADDR_CID_HOST),
              () -> {
                program.syscall(result, Syscall.FORK);
                program.when(
                    result,
                    Condition.EQUAL,
                    program.number(0),
                    () -> {
                      program.syscall(Syscall.CLOSE, listening);
                      program.call(serve);
                      program.exit(0);
                    });
              });
          program.syscall(Syscall.CLOSE, stream);
        });
  }
}
