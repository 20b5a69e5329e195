package dev.ringzero.images.program;

/**
 * What the agent of our guests and its monitor say to each other, over one virtio-vsock stream for
 * each command. All numbers are little-endian.
 *
 * <pre>
 * agent:    greeting (4)
 * monitor:  terminal (4: 1 if it is to have one)  rows (2)  columns (2)  0 (4)  length (4)  command
 * then both frames: kind (4)  length (4)  bytes
 * </pre>
 *
 * A frame {@link #INPUT} without bytes ends the command's input; {@link #STATUS} is the agent's
 * last.
 */
public final class AgentProtocol {
  /** Where the agent listens: a port that the guest's kernel gives to root alone. */
  public static final int PORT = 514;

  /** What it says first. */
  public static final int GREETING = 0x315A_5241; // "ARZ1"

  public static final int REQUEST_BYTES = 16;
  public static final int HEADER_BYTES = 8;
  public static final int LONGEST_FRAME_BYTES = 1 << 16;

  /** One word of a command line of Linux has at most 128 KiB. */
  public static final int LONGEST_COMMAND_BYTES = 120 << 10;

  /** From the monitor: bytes for the command's input. */
  public static final int INPUT = 0;

  /** From the monitor: rows (2), columns (2), 0 (4). */
  public static final int WINDOW = 1;

  public static final int WINDOW_BYTES = 8;

  /** From the agent: what the command printed. */
  public static final int OUTPUT = 2;

  /** From the agent: what the command complained. */
  public static final int ERROR = 3;

  /** From the agent: how the command ended, as wait(2) tells it (4). */
  public static final int STATUS = 4;

  public static final int STATUS_BYTES = 4;

  private AgentProtocol() {}
}
