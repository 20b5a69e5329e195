package dev.ringzero.cli.run;

import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.terminal.Terminal;
import dev.ringzero.control.run.GuestEnd;
import dev.ringzero.control.run.GuestRun;
import dev.ringzero.control.server.MachineHost;
import dev.ringzero.images.initramfs.DefaultInitramfs;
import dev.ringzero.vmm.machine.CardConfiguration;
import dev.ringzero.vmm.schedule.PhysicalCpus;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Optional;

/** Where a run takes place: what it prints to, and which physical CPUs run its machine. */
public interface RunPlace {
  /** For the output of the guest's command. */
  OutputStream out();

  /** For what is said to the user. */
  PrintStream err();

  /** Whether the user looks at {@link #err()} on a terminal. */
  boolean showsProgress();

  PhysicalCpus physicalCpus();

  /** Takes the terminal that this process has, where the console belongs to it. */
  Optional<Terminal> takeTerminal();

  /** The terminal at which the user will sit, here or elsewhere. */
  Optional<DefaultInitramfs.Terminal> guestTerminal(Optional<Terminal> taken);

  /**
   * A card of the machine that is a function of the host's network card.
   *
   * @throws UsageException if there is none
   */
  CardConfiguration card(FunctionOption function);

  /** Whether the console is connected with this process's input and output. */
  boolean hasConsole();

  /** Whether translated code comes from, and is kept in, the user's cache. */
  default boolean keepsTranslations() {
    return false;
  }

  /** The machine runs, and others can talk to it. */
  void started(String name, GuestRun run, boolean hasShellOfOurs);

  /** Its guest has ended; with that status the run will end too, when copies of it have. */
  default void ended(GuestEnd end, int status) {}

  /** The copies of the machine will be there; told before it is made. */
  default void copies(MachineHost host) {}
}
