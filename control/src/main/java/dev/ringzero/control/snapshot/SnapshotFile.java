package dev.ringzero.control.snapshot;

import dev.ringzero.control.protocol.Json;
import dev.ringzero.control.protocol.Json.MalformedJsonException;
import dev.ringzero.engine.state.StateException;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.images.HostFileTrouble;
import dev.ringzero.memory.RamImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The file of a snapshot: a magic number, a version, named sections, and a SHA-256 over all before
 * it. RAM and disks are files of their own in a folder beside it.
 *
 * <pre>
 *   "RZSNAPSH"  version:4  sections:4  { name, bytes }...  SHA-256:32
 * </pre>
 */
final class SnapshotFile {
  static final int VERSION = 1;

  static final String ABOUT = "about";
  static final String MACHINE = "machine";
  static final String DISKS = "disks";
  static final String STATE = "state";
  static final String MEMORY = "memory";
  static final String CONSOLE = "console";

  private static final long MAGIC = 0x4853_5041_4E53_5A52L; // "RZSNAPSH"
  private static final int HASH_BYTES = 32;
  private static final long MOST_BYTES = 256 << 20;
  private static final int MOST_SECTIONS = 64;
  private static final int PAGE_WORDS = RamImage.PIECE_BYTES / 4096 / Long.SIZE;

  private final Map<String, byte[]> sections = new LinkedHashMap<>();

  SnapshotFile() {}

  void put(String section, byte[] content) {
    sections.put(section, content);
  }

  void put(String section, Map<String, Object> form) {
    put(section, Json.write(form).getBytes(StandardCharsets.UTF_8));
  }

  byte[] get(String section) {
    byte[] content = sections.get(section);
    if (content == null) {
      throw new SnapshotException("it has no section " + section);
    }
    return content;
  }

  Form form(String section) {
    try {
      return new Form(Json.read(new String(get(section), StandardCharsets.UTF_8)));
    } catch (MalformedJsonException e) {
      throw new SnapshotException("its section " + section + " is " + e.getMessage(), e);
    }
  }

  byte[] toByteArray() {
    StateWriter out = new StateWriter();
    out.writeLong(MAGIC);
    out.writeInt(VERSION);
    out.writeInt(sections.size());
    sections.forEach((name, content) -> {
      out.writeString(name);
      out.writeBytes(content);
    });
    byte[] body = out.toByteArray();
    byte[] file = Arrays.copyOf(body, body.length + HASH_BYTES);
    System.arraycopy(hash(body, body.length), 0, file, body.length, HASH_BYTES);
    return file;
  }

  static SnapshotFile read(Path path) {
    try {
      if (Files.size(path) > MOST_BYTES) {
        throw new SnapshotException("it is too long to be a snapshot");
      }
      return parse(Files.readAllBytes(path));
    } catch (IOException e) {
      throw new SnapshotException("it cannot be read: " + HostFileTrouble.reason(e), e);
    }
  }

  /**
   * Reads what {@link #toByteArray} gave.
   *
   * @throws SnapshotException if it is anything else
   */
  static SnapshotFile parse(byte[] bytes) {
    int body = bytes.length - HASH_BYTES;
    try {
      StateReader in = new StateReader(bytes);
      if (body < 0 || in.readLong() != MAGIC) {
        throw new SnapshotException("it is no snapshot");
      }
      int version = in.readInt();
      if (version != VERSION) {
        throw new SnapshotException(
            "it is of format %d, and this RingZero reads format %d".formatted(version, VERSION));
      }
      if (!MessageDigest.isEqual(
          hash(bytes, body), Arrays.copyOfRange(bytes, body, bytes.length))) {
        throw new SnapshotException("it is damaged: its checksum does not fit");
      }
      SnapshotFile file = new SnapshotFile();
      for (int left = in.readInt(); left > 0 && file.sections.size() < MOST_SECTIONS; left--) {
        file.put(in.readString(), in.readBytes());
      }
      return file;
    } catch (StateException e) {
      throw new SnapshotException("it is damaged: " + e.getMessage(), e);
    }
  }

  private static byte[] hash(byte[] bytes, int length) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes, 0, length);
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  static byte[] memory(RamImage image) {
    StateWriter out = new StateWriter();
    out.writeInt(image.pieces().size());
    for (RamImage.Piece piece : image.pieces()) {
      out.writeLong(piece.gpa());
      out.writeInt(piece.checksum());
      out.writeLongs(Arrays.copyOf(piece.pages().toLongArray(), PAGE_WORDS));
    }
    return out.toByteArray();
  }

  /** Reads what {@link #memory(RamImage)} gave; the pieces are in this file. */
  RamImage memory(Path file) {
    try {
      StateReader in = new StateReader(get(MEMORY));
      int count = in.readInt();
      List<RamImage.Piece> pieces = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        long gpa = in.readLong();
        int checksum = in.readInt();
        long[] pages = new long[PAGE_WORDS];
        in.readLongs(pages);
        pieces.add(new RamImage.Piece(gpa, BitSet.valueOf(pages), checksum));
      }
      return new RamImage(file, List.copyOf(pieces));
    } catch (StateException e) {
      throw new SnapshotException("its list of memory is damaged: " + e.getMessage(), e);
    }
  }
}
