package dev.ringzero.vmm.xen.store;

import dev.ringzero.memory.MachineMemory;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The guest's end of a store's ring. */
final class StoreGuest {
  private final long page;
  private final StoreRing ring;
  private int lastId;

  StoreGuest(long page, StoreRing ring) {
    this.page = page;
    this.ring = ring;
  }

  /** An answer, or an event. */
  record Message(int type, int id, String payload) {
    List<String> words() {
      return List.of(payload.split("\0"));
    }
  }

  int word(int at) {
    return (int) MachineMemory.read32(page + at);
  }

  void word(int at, int value) {
    MachineMemory.write32(page + at, value & 0xFFFF_FFFFL);
  }

  /** Sends a request and takes the last message that comes. */
  Message ask(int type, int transaction, String... words) {
    return askAll(type, transaction, words).getLast();
  }

  List<Message> askAll(int type, int transaction, String... words) {
    byte[] payload = String.join("\0", words).getBytes(StandardCharsets.ISO_8859_1);
    put(type, transaction, payload.length, payload);
    return messages();
  }

  void put(int type, int transaction, int length, byte[] payload) {
    byte[] header =
        ByteBuffer.allocate(16)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(type)
            .putInt(++lastId)
            .putInt(transaction)
            .putInt(length)
            .array();
    put(header);
    put(payload);
  }

  private void put(byte[] bytes) {
    for (byte each : bytes) {
      int produced = word(2052);
      if (produced - word(2048) == 1024) {
        ring.step();
      }
      MachineMemory.write8(page + (produced & 1023), each);
      word(2052, produced + 1);
    }
  }

  /** All that the store says now. */
  List<Message> messages() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int before;
    do {
      before = bytes.size();
      ring.step();
      while (word(2056) != word(2060)) {
        bytes.write((int) MachineMemory.read8(page + 1024 + (word(2056) & 1023)));
        word(2056, word(2056) + 1);
      }
    } while (bytes.size() != before);
    ByteBuffer all = ByteBuffer.wrap(bytes.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
    List<Message> messages = new ArrayList<>();
    while (all.remaining() >= 16) {
      int type = all.getInt();
      int id = all.getInt();
      all.getInt();
      byte[] payload = new byte[all.getInt()];
      all.get(payload);
      messages.add(new Message(type, id, new String(payload, StandardCharsets.ISO_8859_1)));
    }
    return messages;
  }
}
