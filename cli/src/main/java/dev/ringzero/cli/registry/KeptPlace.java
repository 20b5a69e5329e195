package dev.ringzero.cli.registry;

import dev.ringzero.cli.run.FunctionOption;
import dev.ringzero.cli.run.RunPlace;
import dev.ringzero.cli.terminal.Terminal;
import dev.ringzero.control.registry.RunningVm;
import dev.ringzero.control.run.GuestEnd;
import dev.ringzero.control.run.GuestRun;
import dev.ringzero.images.initramfs.DefaultInitramfs;
import dev.ringzero.vmm.machine.CardConfiguration;
import dev.ringzero.vmm.schedule.PhysicalCpus;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.Optional;

/** Another place, where what becomes of the machine is written into its directory too. */
final class KeptPlace implements RunPlace {
  private final RunPlace place;
  private final RunningVm vm;

  KeptPlace(RunPlace place, RunningVm vm) {
    this.place = place;
    this.vm = vm;
  }

  @Override
  public OutputStream out() {
    return place.out();
  }

  @Override
  public PrintStream err() {
    return place.err();
  }

  @Override
  public boolean showsProgress() {
    return false;
  }

  @Override
  public PhysicalCpus physicalCpus() {
    return place.physicalCpus();
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
    return place.card(function);
  }

  @Override
  public boolean hasConsole() {
    return false;
  }

  @Override
  public void started(String name, GuestRun run, boolean hasShellOfOurs) {
    try {
      vm.started(run);
    } catch (IOException e) {
      run.machine().stop("its state cannot be written");
      throw new UncheckedIOException(e);
    }
    place.started(name, run, hasShellOfOurs);
  }

  @Override
  public void ended(GuestEnd end, int status) {
    try {
      vm.ended(end, status);
    } catch (IOException e) {
      err().println("rz: cannot write the end of " + vm.vm().name() + ": " + e.getMessage());
    }
    place.ended(end, status);
  }
}
