package dev.ringzero.cli;

import dev.ringzero.cli.command.Arguments;
import dev.ringzero.cli.command.Command;
import dev.ringzero.cli.command.Commands;
import dev.ringzero.engine.EngineException;
import dev.ringzero.images.ImageException;
import dev.ringzero.vmm.boot.BootException;
import java.util.Arrays;
import java.util.List;

/** The command {@code rz}. */
public final class Main {
  private static final String DEBUG = "RINGZERO_DEBUG";

  private Main() {}

  public static void main(String[] words) {
    System.exit(run(List.of(words)));
  }

  private static int run(List<String> words) {
    try {
      Command command = Commands.named(words.isEmpty() ? "help" : words.getFirst());
      List<String> rest = words.isEmpty() ? words : words.subList(1, words.size());
      if (rest.contains("--help") || rest.contains("-h")) {
        command = Commands.named("help");
        rest = words.subList(0, 1);
      }
      return command.run(Arguments.parse(command, rest));
    } catch (UsageException | ImageException | BootException | EngineException e) {
      return complain(e, e.getMessage(), ExitStatus.WRONG_INPUT);
    } catch (InterruptedException e) {
      return ExitStatus.STOPPED;
    } catch (Exception | StackOverflowError | OutOfMemoryError e) {
      return complain(e, "failed: " + e, ExitStatus.FAILED);
    }
  }

  private static int complain(Throwable reason, String message, int status) {
    System.err.println("rz: " + message);
    if (System.getenv(DEBUG) != null) {
      reason.printStackTrace();
    } else if (status == ExitStatus.FAILED) {
      Arrays.stream(reason.getStackTrace()).limit(3).forEach(at -> System.err.println("    " + at));
    }
    return status;
  }
}
