package dev.ringzero.control.snapshot;

import dev.ringzero.control.run.GuestRun;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.images.ImageCache;
import dev.ringzero.memory.OutOfFramesException;
import dev.ringzero.memory.RamImage;
import dev.ringzero.vmm.machine.DiskConfiguration;
import dev.ringzero.vmm.machine.Machine;
import dev.ringzero.vmm.machine.MachineConfiguration;
import dev.ringzero.vmm.machine.SavedMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Makes machines of what was saved. */
final class Copy {
  private static final String OVERLAYS = "overlays";

  private final SavedMachine saved;
  private final List<SavedDisk> disks;
  private final byte[] console;
  private final boolean hasShell;

  /**
   * What was saved.
   *
   * @param console what the machine's console said last
   * @param hasShell whether its guest, if it is ours, had a shell
   */
  Copy(SavedMachine saved, List<SavedDisk> disks, byte[] console, boolean hasShell) {
    this.saved = saved;
    this.disks = disks;
    this.console = console;
    this.hasShell = hasShell;
  }

  /**
   * Makes a machine, which does not run yet. Its guest will learn that it is a copy.
   *
   * @param configuration for its disks
   * @throws SnapshotException if that is not possible
   */
  GuestRun make(Function<List<DiskConfiguration>, MachineConfiguration> configuration) {
    List<Path> overlays = new ArrayList<>();
    try {
      List<DiskConfiguration> opened = new ArrayList<>();
      for (SavedDisk disk : disks) {
        Path overlay = newOverlay();
        overlays.add(overlay);
        opened.add(disk.open(overlay));
      }
      Machine machine = new Machine(configuration.apply(opened), saved);
      machine.renewGeneration();
      return new GuestRun(machine, console, hasShell);
    } catch (StateException | RamImage.DamagedException e) {
      throw new SnapshotException(e.getMessage(), e);
    } catch (OutOfFramesException e) {
      throw new SnapshotException("this host has not enough memory for it", e);
    } catch (IOException e) {
      throw new SnapshotException("cannot make a disk for it: " + e.getMessage(), e);
    } finally {
      overlays.forEach(Copy::deleteQuietly);
    }
  }

  private static Path newOverlay() throws IOException {
    Path file = Files.createTempFile(ImageCache.ofUser().directory(OVERLAYS), "copy-", ".qcow2");
    Files.delete(file);
    return file;
  }

  /** An open file ends with its user. */
  private static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // It takes room and does no harm.
    }
  }
}
