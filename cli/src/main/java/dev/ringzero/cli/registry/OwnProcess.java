package dev.ringzero.cli.registry;

import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.run.FunctionOption;
import dev.ringzero.cli.run.RunPlace;
import dev.ringzero.cli.terminal.Terminal;
import dev.ringzero.control.process.SharedProcess;
import dev.ringzero.control.run.GuestRun;
import dev.ringzero.images.initramfs.DefaultInitramfs;
import dev.ringzero.vmm.machine.CardConfiguration;
import dev.ringzero.vmm.schedule.PhysicalCpus;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Optional;

/** A process without terminal, for one machine; whoever started it waits for a word. */
final class OwnProcess implements RunPlace {
  @Override
  public OutputStream out() {
    return System.err;
  }

  @Override
  public PrintStream err() {
    return System.err;
  }

  @Override
  public boolean showsProgress() {
    return false;
  }

  @Override
  public PhysicalCpus physicalCpus() {
    return PhysicalCpus.host();
  }

  @Override
  public Optional<Terminal> takeTerminal() {
    return Optional.empty();
  }

  @Override
  public Optional<DefaultInitramfs.Terminal> guestTerminal(Optional<Terminal> taken) {
    return Optional.empty();
  }

  @Override
  public CardConfiguration card(FunctionOption function) {
    throw new UsageException(
        "device %s is for machines in the card's process: give it host %s"
            .formatted(function, function.nic()));
  }

  @Override
  public boolean hasConsole() {
    return false;
  }

  @Override
  public void started(String name, GuestRun run, boolean hasShellOfOurs) {
    System.out.println(SharedProcess.READY);
    System.out.close();
  }
}
