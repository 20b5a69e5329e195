package dev.ringzero.control.snapshot;

import dev.ringzero.control.directory.ControlDirectory;
import dev.ringzero.control.run.GuestRun;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.vmm.machine.Machine;
import dev.ringzero.vmm.machine.SavedMachine;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Saves a running machine into a store; it stands still meanwhile, and goes on as it was. */
public final class SnapshotSave {
  private final SnapshotStore store;

  public SnapshotSave(SnapshotStore store) {
    this.store = store;
  }

  /**
   * What was saved.
   *
   * @param storedBytes of RAM, without pages of zeros
   * @param stoodStill how long the guest did
   */
  public record Saved(String name, Path folder, long storedBytes, Duration stoodStill) {}

  /** What a machine was at one moment. */
  private record Moment(
      SavedMachine machine, List<SavedDisk> disks, byte[] console, boolean hasShell) {}

  /**
   * Saves a machine.
   *
   * @param replace whether a snapshot of that name may be replaced; it is there until the new one
   *     is
   * @throws SnapshotException if it cannot be saved; the store is then as it was
   */
  public Saved save(GuestRun run, String name, boolean replace) {
    if (!ControlDirectory.isName(name)) {
      throw new SnapshotException(
          "a snapshot's name has up to 40 letters, digits, dots, dashes and underscores, not "
              + name);
    }
    if (!replace && store.has(name)) {
      throw new SnapshotException(
          "there is a snapshot %s already: --replace replaces it".formatted(name));
    }
    run.machine().whyNotSaved().ifPresent(why -> refuse(why));
    Map<String, Object> form = MachineForm.of(run.machine().configuration());
    try (SnapshotStore.Place place = store.newPlace(name)) {
      Path ram = place.folder().resolve(StoredSnapshot.RAM);
      try (FileChannel channel =
          FileChannel.open(ram, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        Instant began = Instant.now();
        Moment moment = freeze(run, channel, ram, place.folder());
        Duration stoodStill = Duration.between(began, Instant.now());
        channel.force(true);
        for (SavedDisk disk : moment.disks()) {
          disk.force();
        }
        place.publish(name, file(run, form, moment, place.folder()).toByteArray());
        long bytes = moment.machine().memory().storedBytes();
        return new Saved(name, place.folder(), bytes, stoodStill);
      }
    } catch (IOException e) {
      throw store.unwritable(e);
    } catch (StateException e) {
      throw new SnapshotException(e.getMessage(), e);
    }
  }

  private static void refuse(String why) {
    throw new SnapshotException(why);
  }

  private static Moment freeze(GuestRun run, FileChannel channel, Path ram, Path folder)
      throws IOException {
    Machine machine = run.machine();
    machine.pause();
    try {
      SavedMachine saved = machine.save(channel, ram);
      List<SavedDisk> disks = SavedDisk.copy(machine, folder);
      return new Moment(saved, disks, run.history().kept(), run.hasShell());
    } finally {
      machine.resume();
    }
  }

  private static SnapshotFile file(
      GuestRun run, Map<String, Object> form, Moment moment, Path folder) {
    Map<String, Object> about = new LinkedHashMap<>();
    about.put("ringzero", Release.version());
    about.put("saved", System.currentTimeMillis());
    about.put("folder", folder.getFileName().toString());
    about.put("hasShell", moment.hasShell());
    about.put("processor", run.machine().processorKind());
    SnapshotFile file = new SnapshotFile();
    file.put(SnapshotFile.ABOUT, about);
    file.put(SnapshotFile.MACHINE, form);
    file.put(
        SnapshotFile.DISKS, Map.of("disks", moment.disks().stream().map(SavedDisk::form).toList()));
    file.put(SnapshotFile.STATE, moment.machine().state());
    file.put(SnapshotFile.MEMORY, SnapshotFile.memory(moment.machine().memory()));
    file.put(SnapshotFile.CONSOLE, moment.console());
    return file;
  }
}
