package dev.ringzero.cli;

import dev.ringzero.control.registry.RegistryException;
import dev.ringzero.control.run.NoMachineMemoryException;
import dev.ringzero.control.snapshot.SnapshotException;
import dev.ringzero.engine.EngineException;
import dev.ringzero.images.ImageException;
import dev.ringzero.vmm.boot.BootException;
import java.io.PrintStream;
import java.util.Arrays;

/** What a command that failed says to its user, and the status with which it ends. */
public final class Complaint {
  private static final String DEBUG = "RINGZERO_DEBUG";

  private Complaint() {}

  /** Says in one line what was wrong, if the user can do something about it. */
  public static int about(Throwable failure, PrintStream err) {
    return switch (failure) {
      case UsageException e -> say(e, e.getMessage(), ExitStatus.WRONG_INPUT, err);
      case ImageException e -> say(e, e.getMessage(), ExitStatus.WRONG_INPUT, err);
      case SnapshotException e -> say(e, e.getMessage(), ExitStatus.WRONG_INPUT, err);
      case RegistryException e ->
          say(
              e,
              e.getMessage(),
              e.kind() == RegistryException.Kind.FAILED
                  ? ExitStatus.FAILED
                  : ExitStatus.WRONG_INPUT,
              err);
      case BootException e -> say(e, e.getMessage(), ExitStatus.WRONG_INPUT, err);
      case EngineException e -> say(e, e.getMessage(), ExitStatus.WRONG_INPUT, err);
      case NoMachineMemoryException e -> say(e, e.getMessage(), ExitStatus.OUT_OF_MEMORY, err);
      case InterruptedException e -> ExitStatus.STOPPED;
      default -> say(failure, "failed: " + failure, ExitStatus.FAILED, err);
    };
  }

  private static int say(Throwable reason, String message, int status, PrintStream err) {
    err.println("rz: " + message);
    if (System.getenv(DEBUG) != null) {
      reason.printStackTrace(err);
    } else if (status == ExitStatus.FAILED) {
      Arrays.stream(reason.getStackTrace()).limit(3).forEach(at -> err.println("    " + at));
    }
    return status;
  }
}
