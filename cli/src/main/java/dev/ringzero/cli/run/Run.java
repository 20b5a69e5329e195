package dev.ringzero.cli.run;

import dev.ringzero.cli.UsageException;
import dev.ringzero.cli.terminal.ProgressLine;
import dev.ringzero.cli.terminal.Terminal;
import dev.ringzero.control.console.CommandOutput;
import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.control.directory.ControlDirectory.ListeningSocket;
import dev.ringzero.control.run.GuestEnd;
import dev.ringzero.control.run.GuestPreparation;
import dev.ringzero.control.run.GuestPreparation.Prepared;
import dev.ringzero.control.run.GuestRun;
import dev.ringzero.control.run.MachineMemoryLimit;
import dev.ringzero.control.run.RunRequest;
import dev.ringzero.control.server.MachineHost;
import dev.ringzero.control.snapshot.Restoration;
import dev.ringzero.control.snapshot.StoredSnapshot;
import dev.ringzero.control.warm.WarmStart;
import dev.ringzero.control.warm.WarmStart.Waiting;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.initramfs.DefaultInitramfs;
import dev.ringzero.images.initramfs.DefaultInitramfs.GuestCommand;
import dev.ringzero.vmm.machine.CardConfiguration;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.EngineSelection;
import dev.ringzero.vmm.machine.Machine;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** One {@code rz run} or {@code rz snapshot restore}, from the options to the exit status. */
public final class Run {
  private final RunOptions options;
  private final Optional<StoredSnapshot> snapshot;
  private final RunPlace place;
  private final ProgressLine progress;
  private final MachineHost host;

  /** What to undo at the end, the newest first; also done where a signal ends us. */
  private final Deque<AutoCloseable> undo = new ArrayDeque<>();

  /**
   * A guest that runs to its end.
   *
   * @param command what it was told to run in place of a shell, if anything
   * @param ours whether it is ours, which says when it has a shell
   * @param waiting where the machine runs already, and its guest waits to be told what to do
   */
  private record Guest(
      GuestRun run, Optional<GuestCommand> command, boolean ours, Optional<Waiting> waiting) {}

  /** Prepares a run of {@code rz run} with these options. */
  public Run(RunOptions options, RunPlace place) {
    this(options, Optional.empty(), place);
  }

  /**
   * Prepares a run.
   *
   * @param snapshot from which the guest goes on; empty to boot it
   */
  public Run(RunOptions options, Optional<StoredSnapshot> snapshot, RunPlace place) {
    this.options = options;
    this.snapshot = snapshot;
    this.place = place;
    progress = new ProgressLine(place.err(), place.showsProgress());
    host = new MachineHost(ControlDirectory.ofUser(), place.physicalCpus());
    place.copies(host);
  }

  /**
   * Runs the machine to its end, and copies of it to theirs.
   *
   * @return the status with which {@code rz run} ends
   */
  public int call() throws Exception {
    Thread restore =
        new Thread(() -> {
          host.close();
          undoAll();
        });
    Runtime.getRuntime().addShutdownHook(restore);
    try {
      return untilEnd();
    } finally {
      progress.clear();
      undoAll();
    }
  }

  private int untilEnd() throws Exception {
    ListeningSocket socket = listen();
    boolean interactive = options.command().isEmpty() && options.serial().isEmpty();
    Optional<Terminal> terminal = interactive ? place.takeTerminal() : Optional.empty();
    terminal.ifPresent(this::undoLater);
    Optional<DefaultInitramfs.Terminal> size =
        interactive ? place.guestTerminal(terminal) : Optional.empty();
    options.hostMemoryBytes().ifPresent(MachineMemoryLimit::set);
    Guest guest =
        snapshot.isPresent()
            ? restored(snapshot.get(), socket.name())
            : options.warm() ? warm(size, socket.name()) : booted(size, socket.name(), interactive);
    GuestRun run = guest.run();
    Machine machine = run.machine();
    undoLater(run);
    size.ifPresent(window -> machine.console().resize(window.rows(), window.columns()));
    Optional<CommandOutput> output = guest.command().map(command -> follow(run, command.mark()));
    Optional<MeasuredSpan> span = options.span().map(words -> MeasuredSpan.of(words, run));
    String lineEnd = terminal.isPresent() ? "\r\n" : "\n";
    machine.onNotice(notice -> place.err().print(lineEnd + "rz: " + notice + lineEnd));
    connect(run, terminal, guest.ours());
    Observation observation = new Observation(run, options, place.err(), terminal.isPresent());
    undoLater(observation);
    options.timeout().ifPresent(run::limit);
    if (guest.waiting().isPresent()) {
      guest.waiting().get().begin();
    } else {
      run.start(place.physicalCpus());
    }
    host.serve(socket, run);
    place.started(socket.name(), run, guest.ours());
    GuestEnd end = run.awaitEnd();
    output.ifPresent(CommandOutput::close);
    progress.clear();
    Ending ending = new Ending(options, place.err(), run, end, output, span);
    undoAll();
    int status = ending.report();
    place.ended(end, status);
    TranslationFiles.keep();
    awaitCopies();
    return status;
  }

  private Guest booted(Optional<DefaultInitramfs.Terminal> size, String name, boolean interactive) {
    EngineSelection engine = options.engine().select();
    RunRequest request = request(size, engine.engine());
    if (place.keepsTranslations()) {
      TranslationFiles.use(request, ImageCache.ofUser(), progress);
    }
    Prepared prepared = new GuestPreparation(ImageCache.ofUser(), progress).prepare(request, name);
    if (interactive || options.engine().kind().isPresent()) {
      progress.clear();
      place.err().print("rz: " + engine.words() + "\n");
    }
    progress.at("booting");
    GuestRun run = new GuestRun(prepared.machine());
    return new Guest(run, prepared.command(), prepared.hasShellOfOurs(), Optional.empty());
  }

  private Guest warm(Optional<DefaultInitramfs.Terminal> size, String name)
      throws InterruptedException {
    RunRequest request = request(size, options.engine().select().engine());
    progress.at("starting");
    Waiting waiting =
        new WarmStart(ImageCache.ofUser(), progress).start(request, name, place.physicalCpus());
    progress.clear();
    place
        .err()
        .print(
            waiting.warm()
                ? "rz: warm start, from a snapshot of the booted guest\n"
                : "rz: booted; the next --warm start goes on from here\n");
    return new Guest(waiting.run(), waiting.command(), true, Optional.of(waiting));
  }

  private Guest restored(StoredSnapshot saved, String name) {
    GuestRun run = Restoration.make(saved, name);
    place
        .err()
        .print("rz: goes on from snapshot %s of %s\n".formatted(saved.name(), saved.savedAt()));
    return new Guest(run, Optional.empty(), true, Optional.empty());
  }

  /** Copies of the machine live in this process and outlive it. */
  private void awaitCopies() throws InterruptedException {
    int copies = host.copies().size();
    if (copies > 0) {
      place
          .err()
          .print(
              "rz: the machine has ended; %d of its copies go on in this process, Ctrl-C ends them\n"
                  .formatted(copies));
      host.awaitCopies();
    }
  }

  private ListeningSocket listen() {
    try {
      ListeningSocket socket = ControlDirectory.ofUser().listen(options.name());
      undoLater(socket);
      return socket;
    } catch (IOException e) {
      throw new UsageException(e.getMessage());
    }
  }

  private RunRequest request(Optional<DefaultInitramfs.Terminal> size, EngineConfiguration engine) {
    return new RunRequest(
        options.kernel(),
        options.initrd(),
        options.modules(),
        options.append(),
        options.memoryBytes(),
        options.cpus(),
        options.command(),
        size,
        options.image(),
        options.disks(),
        cards(),
        options.links(),
        engine);
  }

  /** The cards of the options, and behind them the functions of a card of the host. */
  private List<CardConfiguration> cards() {
    return Stream.concat(options.cards().stream(), options.functions().stream().map(place::card))
        .toList();
  }

  private CommandOutput follow(GuestRun run, String mark) {
    CommandOutput output = new CommandOutput(mark, place.out());
    run.machine()
        .channel()
        .addListener((bytes, length) -> {
          progress.clear();
          output.output(bytes, length);
        });
    return output;
  }

  private void connect(GuestRun run, Optional<Terminal> terminal, boolean ownGuest)
      throws IOException {
    if (options.serial().isPresent()) {
      undoLater(SerialTarget.connect(run, options.serial().get()));
    } else if (options.command().isEmpty() && place.hasConsole()) {
      terminal.ifPresent(Terminal::makeRaw);
      new ConsoleBridge(run, ownGuest, progress::clear).start(terminal);
    }
  }

  private synchronized void undoLater(AutoCloseable action) {
    undo.push(action);
  }

  private synchronized void undoAll() {
    while (!undo.isEmpty()) {
      try {
        undo.pop().close();
      } catch (Exception e) {
        place.err().println("rz: " + e);
      }
    }
  }
}
