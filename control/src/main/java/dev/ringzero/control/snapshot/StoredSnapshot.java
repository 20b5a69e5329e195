package dev.ringzero.control.snapshot;

import dev.ringzero.memory.RamImage;
import dev.ringzero.vmm.machine.SavedMachine;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A snapshot in the store: what is known of it, and what a machine is made of. */
public final class StoredSnapshot {
  private static final String FOLDER = "[A-Za-z0-9][A-Za-z0-9._-]{0,79}\\.files";
  static final String RAM = "ram";

  private final String name;
  private final Path folder;
  private final SnapshotFile file;
  private final Form about;

  private StoredSnapshot(String name, Path folder, SnapshotFile file, Form about) {
    this.name = name;
    this.folder = folder;
    this.file = file;
    this.about = about;
  }

  /**
   * Reads the file of a snapshot.
   *
   * @throws SnapshotException if it is not as it was written
   */
  static StoredSnapshot read(String name, Path path) {
    SnapshotFile file = SnapshotFile.read(path);
    Form about = file.form(SnapshotFile.ABOUT);
    String folder = about.text("folder");
    if (!folder.matches(FOLDER)) {
      throw new SnapshotException("it has files outside its own folder");
    }
    return new StoredSnapshot(name, path.resolveSibling(folder), file, about);
  }

  public String name() {
    return name;
  }

  /** Where its RAM and disks are. */
  public Path folder() {
    return folder;
  }

  public Instant savedAt() {
    return Instant.ofEpochMilli(about.number("saved", 0, Long.MAX_VALUE));
  }

  /** Which RingZero saved it. */
  public String version() {
    return about.text("ringzero");
  }

  String processor() {
    return about.text("processor");
  }

  boolean hasShell() {
    return about.flag("hasShell");
  }

  Form machine() {
    return file.form(SnapshotFile.MACHINE);
  }

  List<SavedDisk> disks() {
    return file.form(SnapshotFile.DISKS).forms("disks").stream()
        .map(disk -> SavedDisk.read(disk, folder))
        .toList();
  }

  SavedMachine saved() {
    return new SavedMachine(file.get(SnapshotFile.STATE), memory());
  }

  private RamImage memory() {
    return file.memory(folder.resolve(RAM));
  }

  byte[] console() {
    return file.get(SnapshotFile.CONSOLE);
  }

  /**
   * Reads all of it and compares it with its checksums.
   *
   * @throws SnapshotException if something is not as it was written
   */
  public void verify() {
    try {
      memory().verify();
    } catch (RamImage.DamagedException e) {
      throw new SnapshotException(e.getMessage(), e);
    }
  }

  /** What it is, as a JSON object. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    Form machine = machine();
    map.put("name", name);
    map.put("saved", savedAt().toString());
    map.put("ringzero", version());
    map.put("machine", machine.text("name"));
    map.put("memoryBytes", machine.number("memoryBytes", 0, Long.MAX_VALUE));
    map.put("storedBytes", memory().storedBytes());
    map.put("cpus", machine.number("cpus", 0, Integer.MAX_VALUE));
    map.put("memoryVirtualization", machine.text("memoryVirtualization"));
    map.put("disks", disks().stream().map(SavedDisk::form).toList());
    map.put("cards", machine.members().get("cards"));
    map.put("commandLine", machine.text("commandLine"));
    map.put("folder", folder.toString());
    return map;
  }
}
