package dev.ringzero.images.program;

import static dev.ringzero.images.program.AgentProtocol.*;

import dev.ringzero.images.program.Program.Condition;
import dev.ringzero.images.program.Program.Routine;
import dev.ringzero.images.program.Value.Constant;
import dev.ringzero.images.program.Value.Variable;

/**
 * The part of the agent that runs one command, in a process of its own. Nothing that the command
 * does not read holds back what it prints; what it left running in the background, which may have
 * its output, is not waited for.
 */
final class AgentSession {
  private static final int EAGAIN = -11;
  private static final int POLLIN = 1;
  private static final int POLLOUT = 4;
  private static final int POLLRDHUP = 0x2000;
  private static final int SIGHUP = 1;
  private static final int SIGNALS = 64;
  private static final int SIGCHLD = 17;
  private static final int ACTION_BYTES = 32;
  private static final int SIGNAL_SET_BYTES = 8;

  private static final int F_SETFL = 4;
  private static final int O_NONBLOCK = 0x800;
  private static final int O_CLOEXEC = 0x80000;
  private static final int O_RDWR_NOCTTY = 2 | 0x100;
  private static final int TIOCSCTTY = 0x540E;
  private static final int TIOCSWINSZ = 0x5414;
  private static final int TIOCSPTLCK = 0x4004_5431;
  private static final int TIOCGPTPEER = 0x5441;
  private static final int NOT_FOUND = 127;
  private static final int MOST_DRAINED_BYTES = 1 << 20;

  /** Entries of the table for poll(2): descriptor (4), wanted (2), found (2). */
  private static final int ENTRY_BYTES = 8;

  private static final int POLLED = 5;
  private static final int FOUND = 6;

  private final Program program;
  private final Variable stack;
  private final Variable stream;

  private final Variable result;
  private final Variable child;
  private final Variable childHandle;
  private final Variable isTerminal;
  private final Variable length;
  private final Variable kind;

  /** Our ends: what the command reads, prints and complains; -1 when it is closed. */
  private final Variable input;

  private final Variable output;
  private final Variable error;

  /** The command's ends. */
  private final Variable itsInput;

  private final Variable itsOutput;
  private final Variable itsError;

  /** What of the last frame the command has not taken yet. */
  private final Variable pending;

  private final Variable pendingAt;

  /** What is moved as a whole. */
  private final Variable place;

  private final Variable left;

  private final Constant request;
  private final Constant window;
  private final Constant command;
  private final Constant header;
  private final Constant received;
  private final Constant sent;
  private final Constant polled;
  private final Constant usualAction;

  AgentSession(Program program, Variable stack, Variable stream) {
    this.program = program;
    this.stack = stack;
    this.stream = stream;
    result = program.variable();
    child = program.variable();
    childHandle = program.variable();
    isTerminal = program.variable();
    length = program.variable();
    kind = program.variable();
    input = program.variable();
    output = program.variable();
    error = program.variable();
    itsInput = program.variable();
    itsOutput = program.variable();
    itsError = program.variable();
    pending = program.variable();
    pendingAt = program.variable();
    place = program.variable();
    left = program.variable();
    request = program.room(REQUEST_BYTES);
    window = program.room(WINDOW_BYTES);
    command = program.room(LONGEST_COMMAND_BYTES + 1);
    header = program.room(HEADER_BYTES);
    received = program.room(LONGEST_FRAME_BYTES);
    sent = program.room(HEADER_BYTES + LONGEST_FRAME_BYTES);
    polled = program.room(POLLED * ENTRY_BYTES);
    usualAction = program.room(ACTION_BYTES);
  }

  /** Serves the stream, then ends the process. */
  Routine routine() {
    Routine hangUp = hangUp();
    Routine readWhole = whole(Syscall.READ, hangUp);
    Routine writeWhole = whole(Syscall.WRITE, hangUp);
    Routine openTerminal = program.routine(this::openTerminal);
    Routine openPipes = program.routine(this::openPipes);
    Routine become = program.routine(this::becomeCommand);
    Routine takeFrame = takeFrame(readWhole, hangUp);
    Routine giveInput = program.routine(this::giveInput);
    Routine finish = finish(writeWhole);
    return program.routine(() -> {
      greet(writeWhole);
      takeRequest(readWhole);
      when(isTerminal, Condition.NOT_EQUAL, 0, () -> program.call(openTerminal));
      when(isTerminal, Condition.EQUAL, 0, () -> program.call(openPipes));
      // What became of it is to be known here.
      usualAction(program.number(SIGCHLD));
      program.syscall(child, Syscall.FORK);
      when(child, Condition.EQUAL, 0, () -> program.call(become));
      when(child, Condition.LESS, 0, () -> program.exit(1));
      closeItsEnds();
      program.syscall(childHandle, Syscall.PIDFD_OPEN, child, program.number(0));
      program.loop(() -> {
        preparePoll();
        program.syscall(Syscall.POLL, polled, program.number(POLLED), program.number(-1));
        whenFound(0, () -> program.call(takeFrame));
        whenFound(1, () -> move(output, OUTPUT, writeWhole));
        whenFound(2, () -> move(error, ERROR, writeWhole));
        whenFound(3, () -> program.call(giveInput));
        whenFound(4, () -> program.call(finish));
        // A kernel without handles of processes tells the end by the end of both pipes.
        when(
            childHandle,
            Condition.LESS,
            0,
            () ->
                when(
                    output,
                    Condition.LESS,
                    0,
                    () -> when(error, Condition.LESS, 0, () -> program.call(finish))));
      });
    });
  }

  // Beginning

  private void greet(Routine writeWhole) {
    program.write(4, header, 0, program.number(GREETING));
    moveWhole(writeWhole, header, program.number(4));
  }

  private void takeRequest(Routine readWhole) {
    moveWhole(readWhole, request, program.number(REQUEST_BYTES));
    program.read(isTerminal, 4, request, 0);
    program.read(result, 8, request, 4);
    program.write(8, window, 0, result);
    program.read(length, 4, request, 12);
    when(length, Condition.GREATER, LONGEST_COMMAND_BYTES, () -> program.exit(1));
    moveWhole(readWhole, command, length);
  }

  private void openTerminal() {
    program.syscall(
        input,
        Syscall.OPEN,
        program.text("/dev/ptmx"),
        program.number(O_RDWR_NOCTTY | O_CLOEXEC | O_NONBLOCK));
    Constant unlocked = program.room(4);
    program.syscall(Syscall.IOCTL, input, program.number(TIOCSPTLCK), unlocked);
    program.syscall(
        itsInput, Syscall.IOCTL, input, program.number(TIOCGPTPEER), program.number(O_RDWR_NOCTTY));
    program.syscall(Syscall.IOCTL, input, program.number(TIOCSWINSZ), window);
    program.set(output, input);
    program.set(error, program.number(-1));
    program.set(itsOutput, itsInput);
    program.set(itsError, itsInput);
  }

  private void openPipes() {
    pipe(itsInput, input);
    pipe(output, itsOutput);
    pipe(error, itsError);
    for (Variable ours : new Variable[] {input, output, error}) {
      program.syscall(Syscall.FCNTL, ours, program.number(F_SETFL), program.number(O_NONBLOCK));
    }
  }

  private void pipe(Variable readEnd, Variable writeEnd) {
    Constant ends = program.room(8);
    program.syscall(Syscall.PIPE2, ends, program.number(O_CLOEXEC));
    program.read(readEnd, 4, ends, 0);
    program.read(writeEnd, 4, ends, 4);
  }

  /** Never comes back. */
  private void becomeCommand() {
    Variable signal = program.variable();
    program.set(signal, program.number(1));
    program.loop(() -> {
      usualAction(signal);
      program.add(signal, program.number(1));
      when(signal, Condition.GREATER, SIGNALS, program::leave);
    });
    program.syscall(Syscall.SETSID);
    when(
        isTerminal,
        Condition.NOT_EQUAL,
        0,
        () ->
            program.syscall(Syscall.IOCTL, itsInput, program.number(TIOCSCTTY), program.number(0)));
    program.syscall(Syscall.DUP2, itsInput, program.number(0));
    program.syscall(Syscall.DUP2, itsOutput, program.number(1));
    program.syscall(Syscall.DUP2, itsError, program.number(2));
    execute();
    program.exit(NOT_FOUND);
  }

  private void usualAction(Value signal) {
    program.syscall(
        Syscall.RT_SIGACTION,
        signal,
        usualAction,
        program.number(0),
        program.number(SIGNAL_SET_BYTES));
  }

  /** Runs the shell that is our first word, in our environment. */
  private void execute() {
    Constant words = program.room(4 * 8);
    Variable shell = program.variable();
    Variable environment = program.variable();
    program.read(shell, 8, stack, 16);
    program.write(8, words, 0, shell);
    program.write(8, words, 8, program.text("-c"));
    program.write(8, words, 16, command);
    program.read(environment, 8, stack, 0);
    for (int doubling = 0; doubling < 3; doubling++) {
      program.add(environment, environment);
    }
    program.add(environment, stack);
    program.add(environment, program.number(16));
    program.syscall(Syscall.EXECVE, shell, words, environment);
  }

  private void closeItsEnds() {
    program.syscall(Syscall.CLOSE, itsInput);
    when(
        isTerminal,
        Condition.EQUAL,
        0,
        () -> {
          program.syscall(Syscall.CLOSE, itsOutput);
          program.syscall(Syscall.CLOSE, itsError);
        });
  }

  // While it runs

  private void preparePoll() {
    Variable wanted = program.variable();
    program.set(wanted, program.number(POLLIN | POLLRDHUP));
    when(pending, Condition.NOT_EQUAL, 0, () -> program.set(wanted, program.number(POLLRDHUP)));
    entry(0, stream, wanted);
    entry(1, output, program.number(POLLIN));
    entry(2, error, program.number(POLLIN));
    Variable to = program.variable();
    program.set(to, program.number(-1));
    when(pending, Condition.NOT_EQUAL, 0, () -> program.set(to, input));
    entry(3, to, program.number(POLLOUT));
    entry(4, childHandle, program.number(POLLIN));
  }

  private void entry(int index, Variable descriptor, Value wanted) {
    program.write(4, polled, index * ENTRY_BYTES, descriptor);
    program.write(4, polled, index * ENTRY_BYTES + 4, wanted);
  }

  private void whenFound(int index, Runnable then) {
    program.read(result, 2, polled, index * ENTRY_BYTES + FOUND);
    when(result, Condition.NOT_EQUAL, 0, then);
  }

  /** Sends what a pipe of the command's has; at its end closes it. */
  private void move(Variable from, int as, Routine writeWhole) {
    program.syscall(
        length,
        Syscall.READ,
        from,
        program.number(sent.number() + HEADER_BYTES),
        program.number(LONGEST_FRAME_BYTES));
    when(length, Condition.GREATER, 0, () -> sendFrame(as, writeWhole));
    when(
        length,
        Condition.NOT_EQUAL,
        EAGAIN,
        () -> when(length, Condition.LESS, 1, () -> closeOutput(from)));
  }

  /** A terminal's output and input are one descriptor. */
  private void closeOutput(Variable from) {
    when(isTerminal, Condition.EQUAL, 0, () -> program.syscall(Syscall.CLOSE, from));
    program.set(from, program.number(-1));
  }

  /** The frame's bytes are in its place, {@link #length} of them. */
  private void sendFrame(int as, Routine writeWhole) {
    program.write(4, sent, 0, program.number(as));
    program.write(4, sent, 4, length);
    program.add(length, program.number(HEADER_BYTES));
    moveWhole(writeWhole, sent, length);
  }

  private Routine takeFrame(Routine readWhole, Routine hangUp) {
    return program.routine(() -> {
      // Where the rest of a frame waits, the stream was only asked whether it ended.
      when(pending, Condition.NOT_EQUAL, 0, () -> program.call(hangUp));
      moveWhole(readWhole, header, program.number(HEADER_BYTES));
      program.read(kind, 4, header, 0);
      program.read(length, 4, header, 4);
      when(length, Condition.GREATER, LONGEST_FRAME_BYTES, () -> program.call(hangUp));
      moveWhole(readWhole, received, length);
      when(
          kind,
          Condition.EQUAL,
          WINDOW,
          () -> {
            program.syscall(Syscall.IOCTL, input, program.number(TIOCSWINSZ), received);
            program.giveBack();
          });
      when(length, Condition.EQUAL, 0, this::endInput);
      when(
          input,
          Condition.GREATER,
          -1,
          () -> {
            program.set(pending, length);
            program.set(pendingAt, received);
          });
    });
  }

  private void endInput() {
    when(
        isTerminal,
        Condition.EQUAL,
        0,
        () -> {
          program.syscall(Syscall.CLOSE, input);
          program.set(input, program.number(-1));
        });
  }

  /** A command that closed its input gets no more. */
  private void giveInput() {
    program.syscall(result, Syscall.WRITE, input, pendingAt, pending);
    when(
        result,
        Condition.GREATER,
        0,
        () -> {
          program.subtract(pending, result);
          program.add(pendingAt, result);
          program.giveBack();
        });
    when(
        result,
        Condition.NOT_EQUAL,
        EAGAIN,
        () -> {
          program.set(pending, program.number(0));
          endInput();
        });
  }

  // Ending

  /** Sends what the command printed before it ended, and how it ended. */
  private Routine finish(Routine writeWhole) {
    Constant status = program.room(4);
    return program.routine(() -> {
      program.syscall(Syscall.WAIT4, child, status, program.number(0), program.number(0));
      drain(output, OUTPUT, writeWhole);
      drain(error, ERROR, writeWhole);
      program.read(result, 4, status, 0);
      program.write(4, sent, HEADER_BYTES, result);
      program.set(length, program.number(STATUS_BYTES));
      sendFrame(STATUS, writeWhole);
      program.exit(0);
    });
  }

  /** At most what a pipe can hold: somebody else may go on writing. */
  private void drain(Variable from, int as, Routine writeWhole) {
    Variable rounds = program.variable();
    program.set(rounds, program.number(MOST_DRAINED_BYTES / LONGEST_FRAME_BYTES));
    program.loop(() -> {
      when(from, Condition.LESS, 0, program::leave);
      when(rounds, Condition.EQUAL, 0, program::leave);
      program.subtract(rounds, program.number(1));
      move(from, as, writeWhole);
      when(length, Condition.EQUAL, EAGAIN, program::leave);
    });
  }

  /** The monitor went away: so does the command, and whatever it started in its session. */
  private Routine hangUp() {
    Variable group = program.variable();
    return program.routine(() -> {
      when(
          child,
          Condition.GREATER,
          0,
          () -> {
            program.set(group, program.number(0));
            program.subtract(group, child);
            program.syscall(Syscall.KILL, group, program.number(SIGHUP));
          });
      program.exit(1);
    });
  }

  // Small things

  /** Reads or writes {@link #left} bytes at {@link #place}, however often it takes. */
  private Routine whole(Syscall call, Routine hangUp) {
    return program.routine(() ->
        program.loop(() -> {
          when(left, Condition.EQUAL, 0, program::giveBack);
          program.syscall(result, call, stream, place, left);
          when(result, Condition.LESS, 1, () -> program.call(hangUp));
          program.add(place, result);
          program.subtract(left, result);
        }));
  }

  private void moveWhole(Routine routine, Value from, Value lengthBytes) {
    program.set(place, from);
    program.set(left, lengthBytes);
    program.call(routine);
  }

  private void when(Value value, Condition is, long number, Runnable then) {
    program.when(value, is, program.number(number), then);
  }
}
