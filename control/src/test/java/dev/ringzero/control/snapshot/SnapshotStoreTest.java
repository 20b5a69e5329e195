package dev.ringzero.control.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotStoreTest {
  /** System property: how often a save or a removal is killed. */
  private static final int KILLS = Integer.getInteger("ringzero.snapshot.kills", 200);

  private static final int CONTENT_BYTES = 200_000;

  @TempDir Path directory;

  private static void save(SnapshotStore store, String name, int content) throws IOException {
    try (SnapshotStore.Place place = store.newPlace(name)) {
      byte[] bytes = new byte[CONTENT_BYTES];
      Arrays.fill(bytes, (byte) content);
      Files.write(place.folder().resolve("ram"), bytes);
      SnapshotFile file = new SnapshotFile();
      file.put(
          SnapshotFile.ABOUT,
          Map.of(
              "folder",
              place.folder().getFileName().toString(),
              "ringzero",
              "" + content,
              "saved",
              1L));
      place.publish(name, file.toByteArray());
    }
  }

  private static void checkWhole(SnapshotStore store, String name) throws IOException {
    StoredSnapshot snapshot = store.get(name);
    byte[] content = Files.readAllBytes(snapshot.folder().resolve("ram"));
    assertThat(content).hasSize(CONTENT_BYTES);
    assertThat(content).containsOnly((byte) Integer.parseInt(snapshot.version()));
  }

  private long folders() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(SnapshotStore.FOLDER)).count();
    }
  }

  @Test
  void replacedAndRemovedSnapshotsLeaveNothingBehind() throws IOException {
    SnapshotStore store = new SnapshotStore(directory);
    save(store, "a", 1);
    save(store, "a", 2);
    save(store, "b", 3);
    assertThat(store.names()).containsExactly("a", "b");
    checkWhole(store, "a");
    assertThat(folders()).isEqualTo(2);
    store.remove("a");
    assertThat(store.names()).containsExactly("b");
    assertThat(folders()).isEqualTo(1);
    assertThatThrownBy(() -> store.get("a")).hasMessage("no snapshot named a; there are: b");
  }

  @Test
  void anUnfinishedSaveIsNotSeenAndGivesItsRoomBack() throws IOException {
    SnapshotStore store = new SnapshotStore(directory);
    save(store, "a", 1);
    try (SnapshotStore.Place place = store.newPlace("a")) {
      Files.write(place.folder().resolve("ram"), new byte[10]);
      save(store, "b", 2);
      assertThat(place.folder()).isNotEmptyDirectory();
    }
    checkWhole(store, "a");
    assertThat(folders()).isEqualTo(2);
  }

  @Test
  void aDamagedFileIsNamedAndOthersGoOn() throws IOException {
    SnapshotStore store = new SnapshotStore(directory);
    save(store, "a", 1);
    save(store, "b", 2);
    Files.write(directory.resolve("a.snapshot"), new byte[50]);
    assertThatThrownBy(() -> store.get("a")).hasMessage("snapshot a: it is no snapshot");
    save(store, "b", 3);
    checkWhole(store, "b");
    store.remove("a");
    assertThat(store.names()).containsExactly("b");
    assertThat(folders()).isEqualTo(1);
  }

  /** What {@link #killedSavesLeaveTheOldOrTheNewWhole} starts and kills. */
  static final class Saver {
    private Saver() {}

    public static void main(String[] words) throws IOException {
      SnapshotStore store = new SnapshotStore(Path.of(words[0]));
      System.out.println("begins");
      for (int content = 1; ; content = content % 100 + 1) {
        save(store, "a", content);
        save(store, "b", content);
        store.remove("b");
      }
    }
  }

  @Test
  void killedSavesLeaveTheOldOrTheNewWhole() throws Exception {
    SnapshotStore store = new SnapshotStore(directory);
    save(store, "a", 1);
    SplittableRandom random = new SplittableRandom(7);
    for (int round = 0; round < KILLS; round++) {
      Process process = saver();
      assertThat(process.inputReader().readLine()).isEqualTo("begins");
      TimeUnit.MICROSECONDS.sleep(random.nextInt(60_000));
      process.destroyForcibly().waitFor();
      checkWhole(store, "a");
      if (store.has("b")) {
        checkWhole(store, "b");
      }
    }
    store.remove("b");
    assertThat(store.names()).containsExactly("a");
    assertThat(folders()).isEqualTo(1);
  }

  private Process saver() throws IOException {
    return new ProcessBuilder(
            ProcessHandle.current().info().command().orElseThrow(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xshare:auto",
            "-cp",
            System.getProperty("java.class.path"),
            Saver.class.getName(),
            directory.toString())
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
