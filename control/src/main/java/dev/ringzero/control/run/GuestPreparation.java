package dev.ringzero.control.run;

import dev.ringzero.images.DefaultGuest;
import dev.ringzero.images.ImageCache;
import dev.ringzero.images.ImageException;
import dev.ringzero.images.Progress;
import dev.ringzero.images.initramfs.DefaultInitramfs;
import dev.ringzero.images.initramfs.DefaultInitramfs.GuestCommand;
import dev.ringzero.images.kernel.Kernel;
import dev.ringzero.images.kernel.KernelFiles;
import dev.ringzero.images.module.KernelModule;
import dev.ringzero.images.module.ModuleArchive;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.vmm.machine.MachineConfiguration;
import dev.ringzero.vmm.machine.ShareConfiguration;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Turns what a user wants to run into all that a machine is built from. */
public final class GuestPreparation {
  private static final String CONSOLE = "console=ttyS0 panic=-1";
  private static final List<String> MODULES_FOR_DISKS =
      List.of("virtio_pci", "virtio_blk", "virtio_rng", "ext4", "vfat");
  private static final List<String> MODULES_FOR_NETWORKS = List.of("virtio_pci", "virtio_net");
  private static final List<String> MODULES_FOR_SHARES = List.of("virtio_pci", "virtiofs");
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
   */
  public record Prepared(MachineConfiguration configuration, Optional<GuestCommand> command) {}

  /** Fetches, unpacks and reads what is needed. */
  public Prepared prepare(RunRequest request, String name) {
    checkMemory(request.memoryBytes());
    Optional<GuestCommand> command =
        request.command().map(script -> new GuestCommand(script, mark()));
    if (command.isPresent() && request.initrd().isPresent()) {
      throw new ImageException("--exec needs RingZero's own initrd: leave --initrd out");
    }
    Optional<byte[]> initrd = initrd(request, name, command);
    Kernel kernel =
        new KernelFiles(cache, progress)
            .open(request.kernel().orElseGet(() -> DefaultGuest.kernel(cache, progress)));
    return new Prepared(
        new MachineConfiguration(
            name,
            request.memoryBytes(),
            request.cpus(),
            kernel,
            initrd,
            commandLine(request),
            request.disks(),
            request.network(),
            request.links(),
            request.engine()),
        command);
  }

  private static void checkMemory(long bytes) {
    long most = MachineMemory.sizeBytes();
    if (bytes > most) {
      throw new ImageException(
          "memory of %d MiB is more than this host can give (%d MiB)"
              .formatted(bytes >> MEBIBYTE_SHIFT, most >> MEBIBYTE_SHIFT));
    }
  }

  /** A kernel of the user's gets our first file system too, unless the user names one. */
  private Optional<byte[]> initrd(RunRequest request, String name, Optional<GuestCommand> command) {
    if (request.initrd().isPresent()) {
      return request.initrd().map(path -> read("initrd", path));
    }
    byte[] busybox = read("busybox", DefaultGuest.busybox(cache, progress));
    return Optional.of(
        new DefaultInitramfs(name, request.terminal(), command, modules(request), shares(request))
            .build(busybox));
  }

  private static List<DefaultInitramfs.Share> shares(RunRequest request) {
    List<DefaultInitramfs.Share> shares = new ArrayList<>();
    for (ShareConfiguration share : request.links().shares()) {
      String tag = ShareConfiguration.tag(shares.size());
      shares.add(new DefaultInitramfs.Share(tag, share.guestPath(), share.readOnly()));
    }
    return shares;
  }

  /** We know the modules of our own kernel only; another one may have what it needs built in. */
  private List<KernelModule> modules(RunRequest request) {
    List<String> wanted = new ArrayList<>();
    if (!request.disks().isEmpty()) {
      wanted.addAll(MODULES_FOR_DISKS);
    }
    if (request.network().isPresent()) {
      wanted.addAll(MODULES_FOR_NETWORKS);
    }
    if (!request.links().shares().isEmpty()) {
      wanted.addAll(MODULES_FOR_SHARES);
    }
    if (request.kernel().isPresent() || wanted.isEmpty()) {
      return List.of();
    }
    try (ModuleArchive archive = new ModuleArchive(DefaultGuest.modules(cache, progress))) {
      return archive.closure(wanted);
    }
  }

  private static String commandLine(RunRequest request) {
    return CONSOLE + " " + request.append().orElse("quiet");
  }

  private static String mark() {
    byte[] bytes = new byte[MARK_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static byte[] read(String what, Path path) {
    try {
      return Files.readAllBytes(path);
    } catch (IOException e) {
      String reason =
          switch (e) {
            case NoSuchFileException missing -> "no such file";
            case AccessDeniedException denied -> "permission denied";
            default -> e.getMessage();
          };
      throw new ImageException("cannot read " + what + " " + path + ": " + reason, e);
    }
  }
}
