package dev.ringzero.control.run;

import dev.ringzero.control.run.ImageDisks.ImageDisk;
import dev.ringzero.images.DefaultGuest;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.Progress;
import dev.ringzero.images.initramfs.AgentFiles;
import dev.ringzero.images.initramfs.DefaultInitramfs.GuestCommand;
import dev.ringzero.images.kernel.Kernel;
import dev.ringzero.images.kernel.KernelFiles;
import dev.ringzero.images.kernel.MultibootKernel;
import dev.ringzero.images.store.ImageStore;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.memory.OutOfFramesException;
import dev.ringzero.vmm.machine.ConsoleKind;
import dev.ringzero.vmm.machine.DiskConfiguration;
import dev.ringzero.vmm.machine.EngineConfiguration;
import dev.ringzero.vmm.machine.HostLinks;
import dev.ringzero.vmm.machine.Machine;
import dev.ringzero.vmm.machine.MachineConfiguration;
import dev.ringzero.vmm.machine.SocketConfiguration;
import dev.ringzero.vmm.memory.MemoryTechnique;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Turns what a user wants to run into all that a machine is built from. */
public final class GuestPreparation {
  /**
   * Linux counts ticks for 20 ms to learn whether the timer's interrupt arrives, and panics where a
   * busy host delays them.
   */
  private static final String CONSOLE = "console=ttyS0 panic=-1 no_timer_check";

  private static final String PARAVIRTUAL_CONSOLE = "console=hvc0 panic=-1 rz.line=null";

  /** The one line carries what a command says: the kernel keeps silent. */
  private static final String PARAVIRTUAL_LINE = "panic=-1 loglevel=0 rz.line=hvc0";

  /** Our own guest puts its shell there; the kernel's messages stay on the serial port. */
  private static final String VIRTIO_CONSOLE = " rz.console=hvc0";

  private static final int MARK_BYTES = 16;
  private static final int MEBIBYTE_SHIFT = 20;

  private final ImageCache cache;
  private final Progress progress;

  public GuestPreparation(ImageCache cache, Progress progress) {
    this.cache = cache;
    this.progress = progress;
  }

  /**
   * What to run.
   *
   * @param command what it was told to run in place of a shell, if anything
   * @param temporary a disk that the machine alone needs
   * @param hasShellOfOurs whether the guest is ours, which says when it has a shell
   */
  public record Prepared(
      MachineConfiguration configuration,
      Optional<GuestCommand> command,
      Optional<Path> temporary,
      boolean hasShellOfOurs) {

    /** Makes the machine; a temporary disk then has no name any more, and ends with its user. */
    public Machine machine() {
      try {
        return new Machine(configuration);
      } catch (OutOfFramesException e) {
        throw new NoMachineMemoryException(e);
      } finally {
        discard();
      }
    }

    private void discard() {
      try {
        if (temporary.isPresent()) {
          Files.deleteIfExists(temporary.get());
        }
      } catch (IOException e) {
        // It takes room and does no harm.
      }
    }
  }

  private static void checkCards(RunRequest request) {
    boolean addressed = request.cards().stream().anyMatch(card -> card.address().isPresent());
    if (addressed && request.initrd().isPresent()) {
      throw new ImageException("ip= of --net needs RingZero's own initrd: leave --initrd out");
    }
  }

  static boolean isParavirtual(RunRequest request) {
    return request.engine() instanceof EngineConfiguration.Software ours
        && ours.memory() == MemoryTechnique.DIRECT;
  }

  private static void checkDevices(RunRequest request) {
    if (isParavirtual(request) && !request.links().equals(HostLinks.NONE)) {
      throw new ImageException(
          "a guest with direct paging has no virtio devices but its own disks and network cards:"
              + " leave out --share, --vsock and --console");
    }
  }

  /** Fetches, unpacks and reads what is needed. */
  public Prepared prepare(RunRequest request, String name) {
    checkMemory(request.memoryBytes());
    Optional<Kernel> own = request.kernel().map(new KernelFiles(cache, progress)::open);
    if (own.isPresent() && own.get() instanceof MultibootKernel kernel) {
      if (isParavirtual(request)) {
        throw new ImageException(
            "direct paging is for Linux kernels, and this is a multiboot kernel: leave"
                + " --memory-virtualization direct out");
      }
      MachineConfiguration configuration = MultibootPreparation.prepare(kernel, request, name);
      return new Prepared(configuration, Optional.empty(), Optional.empty(), false);
    }
    if (!request.modules().isEmpty()) {
      throw new ImageException("--module is for multiboot kernels; this one takes an --initrd");
    }
    checkCards(request);
    checkDevices(request);
    Optional<GuestCommand> command =
        request.command().map(script -> new GuestCommand(script, mark()));
    if (command.isPresent() && request.initrd().isPresent()) {
      throw new ImageException("--exec needs RingZero's own initrd: leave --initrd out");
    }
    if (request.image().isPresent() && request.initrd().isPresent()) {
      throw new ImageException("--image needs RingZero's own initrd: leave --initrd out");
    }
    byte[] initrd = new FirstFileSystem(cache, progress).of(request, name, command);
    Kernel kernel =
        own.orElseGet(() ->
            new KernelFiles(cache, progress)
                .open(DefaultGuest.kernel(request.usualKernel(), cache, progress)));
    List<DiskConfiguration> disks = new ArrayList<>();
    Optional<ImageDisk> image =
        request.image().map(new ImageDisks(cache, ImageStore.ofUser())::open);
    image.ifPresent(disk -> disks.add(disk.configuration()));
    disks.addAll(request.disks());
    return new Prepared(
        new MachineConfiguration(
            name,
            request.memoryBytes(),
            request.cpus(),
            kernel,
            Optional.of(initrd),
            commandLine(request),
            disks,
            request.cards(),
            links(request),
            request.engine()),
        command,
        image.flatMap(ImageDisk::temporary),
        request.hasShellOfOurs());
  }

  /** Our own guest has the socket device by which its agent is asked. */
  private static HostLinks links(RunRequest request) {
    HostLinks links = request.links();
    boolean needs =
        request.hasShellOfOurs() && !isParavirtual(request) && links.sockets().isEmpty();
    return needs ? links.with(SocketConfiguration.OF_MONITOR) : links;
  }

  /** What the default guest needs for our agent. */
  public static AgentFiles agentOfDefault(ImageCache cache, Progress progress) {
    return FirstFileSystem.agentOfDefault(cache, progress);
  }

  private static void checkMemory(long bytes) {
    long most = MachineMemory.sizeBytes();
    if (bytes > most) {
      throw new ImageException(
          "memory of %d MiB is more than this host can give (%d MiB)"
              .formatted(bytes >> MEBIBYTE_SHIFT, most >> MEBIBYTE_SHIFT));
    }
  }

  private static String commandLine(RunRequest request) {
    String root = request.image().isPresent() ? imageRoot(request) : " ";
    String terminal = request.links().console() == ConsoleKind.VIRTIO ? VIRTIO_CONSOLE : "";
    if (isParavirtual(request)) {
      String line = request.command().isPresent() ? PARAVIRTUAL_LINE : PARAVIRTUAL_CONSOLE;
      return line
          + addresses(request)
          + root
          + request.append().orElse(request.command().isPresent() ? "" : "quiet");
    }
    return CONSOLE
        + terminal
        + timeStamp(request)
        + addresses(request)
        + root
        + request.append().orElse("quiet");
  }

  /** Linux asks CPUID how fast the time-stamp counter is on Intel's processors only. */
  private static String timeStamp(RunRequest request) {
    return request.engine() instanceof EngineConfiguration.Software ours && ours.model().isAmd()
        ? " tsc_early_khz=" + EngineConfiguration.Software.TSC_HERTZ / 1000
        : "";
  }

  private static String imageRoot(RunRequest request) {
    return " root=/dev/" + (isParavirtual(request) ? "xvda" : "vda") + " rw ";
  }

  /** What our own guest reads there about its network cards. */
  private static String addresses(RunRequest request) {
    StringBuilder words = new StringBuilder();
    for (int i = 0; i < request.cards().size(); i++) {
      String name = "eth" + i;
      request
          .cards()
          .get(i)
          .address()
          .ifPresent(address -> words.append(" rz.%s=%s".formatted(name, address)));
    }
    return words.toString();
  }

  /** A word that nobody can guess. */
  public static String mark() {
    byte[] bytes = new byte[MARK_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
