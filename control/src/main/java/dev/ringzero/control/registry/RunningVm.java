package dev.ringzero.control.registry;

import dev.ringzero.control.console.ConsoleHistory.Follower;
import dev.ringzero.control.registry.VmState.Status;
import dev.ringzero.control.run.GuestEnd;
import dev.ringzero.control.run.GuestRun;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;

/**
 * A machine that this process runs, from its preparation to its end. It says in the machine's
 * directory how it is, and keeps what its console says. Others cannot run, change or remove it
 * meanwhile.
 */
public final class RunningVm implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 14;

  private final RegisteredVm vm;
  private final VmLock lock;
  private final StateFile state;
  private boolean told;
  private Thread logging;

  RunningVm(RegisteredVm vm, VmLock lock) throws IOException {
    this.vm = vm;
    this.lock = lock;
    state = new StateFile(vm.directory().resolve(Registry.STATE));
    state.writeLive(Status.STARTING);
  }

  public RegisteredVm vm() {
    return vm;
  }

  /** It runs. */
  public synchronized void started(GuestRun run) throws IOException {
    OutputStream log = vm.console().append();
    Follower follower = run.history().follow();
    logging =
        Thread.ofPlatform().name(vm.name() + "-log").daemon().start(() -> copy(follower, log));
    state.writeLive(Status.RUNNING);
    run.onPause(() -> pauseChanged(run));
  }

  private synchronized void pauseChanged(GuestRun run) {
    try {
      if (!told) {
        state.writeLive(run.isPaused() ? Status.PAUSED : Status.RUNNING);
      }
    } catch (IOException e) {
      // What was said last stays; the machine itself tells when it is asked.
    }
  }

  private static void copy(Follower follower, OutputStream log) {
    byte[] bytes = new byte[BUFFER_BYTES];
    try (log) {
      for (int count = follower.read(bytes); count >= 0; count = follower.read(bytes)) {
        log.write(bytes, 0, count);
      }
    } catch (IOException e) {
      // The disk is full or gone; the guest may go on.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Its guest has ended; it can be run again, also while this process goes on with copies of it.
   */
  public synchronized void ended(GuestEnd end, int exitStatus) throws IOException {
    awaitLog();
    boolean failed = end.cause() == GuestEnd.Cause.FAILED;
    told = true;
    state.write(
        failed ? Status.FAILED : Status.STOPPED,
        end.cause().name(),
        end.detail(),
        Optional.of(exitStatus));
    lock.close();
  }

  /** It could not be run. */
  public synchronized void failed(String why) throws IOException {
    if (!told) {
      told = true;
      state.write(Status.FAILED, "", why, Optional.empty());
    }
  }

  private void awaitLog() {
    try {
      if (logging != null) {
        logging.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized void close() throws IOException {
    failed("it ended without saying how: see rz logs --monitor");
    lock.close();
  }
}
