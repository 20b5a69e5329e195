package dev.ringzero.control.snapshot;

import dev.ringzero.control.run.GuestRun;

/** Makes a machine of a snapshot, which goes on where the saved one stood. */
public final class Restoration {
  private Restoration() {}

  /**
   * Makes the machine, which does not run yet.
   *
   * @param name of the machine
   * @throws SnapshotException if it is damaged, or of another RingZero or processor
   */
  public static GuestRun make(StoredSnapshot snapshot, String name) {
    try {
      if (!snapshot.version().equals(Release.version())) {
        throw new SnapshotException(
            "RingZero %s saved it, and this is %s"
                .formatted(snapshot.version(), Release.version()));
      }
      snapshot.verify();
      Copy copy =
          new Copy(snapshot.saved(), snapshot.disks(), snapshot.console(), snapshot.hasShell());
      Form machine = snapshot.machine();
      GuestRun run = copy.make(disks -> MachineForm.read(machine, name, disks));
      if (!run.machine().processorKind().equals(snapshot.processor())) {
        run.close();
        throw new SnapshotException(
            "it was saved on a processor %s, and this is %s"
                .formatted(snapshot.processor(), run.machine().processorKind()));
      }
      return run;
    } catch (SnapshotException e) {
      throw new SnapshotException("snapshot " + snapshot.name() + ": " + e.getMessage(), e);
    }
  }
}
