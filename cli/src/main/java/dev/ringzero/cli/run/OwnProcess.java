package dev.ringzero.cli.run;

import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.terminal.Terminal;
import dev.ringzero.control.registry.Registry;
import dev.ringzero.control.registry.RunRecords;
import dev.ringzero.control.run.GuestEnd;
import dev.ringzero.control.run.GuestRun;
import dev.ringzero.images.initramfs.DefaultInitramfs;
import dev.ringzero.vmm.machine.CardConfiguration;
import dev.ringzero.vmm.schedule.PhysicalCpus;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Optional;

/** A run in a process of its own, at whose terminal the user sits. */
final class OwnProcess implements RunPlace {
  private static final int ERROR = 2;
  private static final RunRecords RECORDS = Registry.ofUser().runs();

  private String recorded;

  @Override
  public OutputStream out() {
    return new FileOutputStream(FileDescriptor.out);
  }

  @Override
  public PrintStream err() {
    return System.err;
  }

  @Override
  public boolean showsProgress() {
    return Terminal.isTerminal(ERROR);
  }

  @Override
  public PhysicalCpus physicalCpus() {
    return PhysicalCpus.host();
  }

  @Override
  public Optional<Terminal> takeTerminal() {
    return Terminal.take();
  }

  @Override
  public Optional<DefaultInitramfs.Terminal> guestTerminal(Optional<Terminal> taken) {
    return taken
        .map(Terminal::size)
        .map(size ->
            new DefaultInitramfs.Terminal(
                System.getenv().getOrDefault("TERM", "vt100"), size.rows(), size.columns()));
  }

  /** Behind everything there is no input, and its end is not the user's Ctrl-D. */
  @Override
  public CardConfiguration card(FunctionOption function) {
    throw new UsageException("--device " + function + " is for machines in the card's process");
  }

  @Override
  public boolean hasConsole() {
    return System.getenv(Detached.MARK) == null;
  }

  @Override
  public boolean keepsTranslations() {
    return true;
  }

  @Override
  public void started(String name, GuestRun run, boolean hasShellOfOurs) {
    try {
      RECORDS.begin(name, run);
      recorded = name;
    } catch (IOException e) {
      // It runs all the same; rz ls does not know of it when it is killed.
    }
  }

  @Override
  public void ended(GuestEnd end, int status) {
    try {
      if (recorded != null) {
        RECORDS.end(recorded);
      }
    } catch (IOException e) {
      // rz ls will say that it was killed.
    }
  }
}
