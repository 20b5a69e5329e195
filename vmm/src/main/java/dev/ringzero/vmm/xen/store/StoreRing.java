package dev.ringzero.vmm.xen.store;

import dev.ringzero.engine.Agent;
import dev.ringzero.memory.MachineMemory;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The ring on which the guest asks its {@link Store}: messages with a header of 16 bytes.
 * Positions, lengths and paths come from the guest and are never trusted; a ring that is out of
 * bounds is read no more.
 *
 * @spec Xen public/io/xs_wire.h
 */
public final class StoreRing implements Agent {
  private static final int RING_BYTES = 1024;
  private static final int REQUESTS = 0;
  private static final int RESPONSES = 1024;
  private static final int REQUESTS_CONSUMED = 2048;
  private static final int REQUESTS_PRODUCED = 2052;
  private static final int RESPONSES_CONSUMED = 2056;
  private static final int RESPONSES_PRODUCED = 2060;

  private static final int HEADER_BYTES = 16;
  private static final int MOST_PAYLOAD = 4096;
  private static final int MESSAGES_A_STEP = 64;

  private static final int DIRECTORY = 1;
  private static final int READ = 2;
  private static final int GET_PERMS = 3;
  private static final int WATCH = 4;
  private static final int UNWATCH = 5;
  private static final int TRANSACTION_START = 6;
  private static final int TRANSACTION_END = 7;
  private static final int GET_DOMAIN_PATH = 10;
  private static final int WRITE = 11;
  private static final int MKDIR = 12;
  private static final int RM = 13;
  private static final int SET_PERMS = 14;
  private static final int WATCH_EVENT = 15;
  private static final int ERROR = 16;
  private static final int RESET_WATCHES = 21;
  private static final byte[] OK = {'O', 'K', 0};

  private final Store store;
  private final long page;
  private final Runnable notify;
  private final byte[] request = new byte[HEADER_BYTES + MOST_PAYLOAD];
  private int received;
  private byte[] sending = {};
  private int sent;
  private boolean broken;
  private boolean moved;
  private boolean more;

  /**
   * Makes the monitor's end.
   *
   * @param page machine address of the ring's page, which stays the guest's and writable
   * @param notify tells the guest that something changed
   */
  public StoreRing(Store store, long page, Runnable notify) {
    this.store = store;
    this.page = page;
    this.notify = notify;
  }

  /** The guest, or the store, has something to say: goes on until one does not read. */
  @Override
  public boolean step() {
    synchronized (store) {
      moved = false;
      more = false;
      work();
    }
    if (moved) {
      notify.run();
    }
    return more;
  }

  private void work() {
    for (int i = 0; !broken; i++) {
      moved |= send();
      more = i == MESSAGES_A_STEP;
      if (sent < sending.length || more) {
        return;
      }
      StoreWatches.Event event = store.watches.next();
      if (event != null) {
        message(WATCH_EVENT, 0, 0, text(event.path(), event.token()));
        continue;
      }
      int before = received;
      boolean whole = receive();
      moved |= received != before;
      if (!whole) {
        return;
      }
      answer();
    }
  }

  private long position(int which) {
    return MachineMemory.read32(page + which);
  }

  /**
   * Takes what there is of a request. The guest tells of more only if all was taken that it knew of
   * before, so that after each part the ring has to be looked at again.
   *
   * @return whether the request is whole
   */
  private boolean receive() {
    boolean taken = true;
    while (taken && !isWhole() && !broken) {
      taken = receivePart();
      MachineMemory.fence();
    }
    return !broken && isWhole();
  }

  private boolean isWhole() {
    return received >= HEADER_BYTES && received == expected();
  }

  private boolean receivePart() {
    int consumed = (int) position(REQUESTS_CONSUMED);
    int waiting = (int) position(REQUESTS_PRODUCED) - consumed;
    if (waiting < 0 || waiting > RING_BYTES) {
      broken = true;
      return false;
    }
    int before = consumed;
    while (consumed - before < waiting && received < expected()) {
      long at = page + REQUESTS + (consumed & RING_BYTES - 1);
      request[received++] = (byte) MachineMemory.read8(at);
      consumed++;
      if (received == HEADER_BYTES && Integer.compareUnsigned(length(), MOST_PAYLOAD) > 0) {
        broken = true;
        return false;
      }
    }
    MachineMemory.write32(page + REQUESTS_CONSUMED, consumed);
    return consumed != before;
  }

  private int expected() {
    return received < HEADER_BYTES ? HEADER_BYTES : HEADER_BYTES + length();
  }

  private int word(int at) {
    return ByteBuffer.wrap(request).order(ByteOrder.LITTLE_ENDIAN).getInt(at);
  }

  private int length() {
    return word(12);
  }

  /** Gives what there is room for, and looks again, for the reason that {@link #receive} has. */
  private boolean send() {
    boolean any = false;
    boolean given = true;
    while (given && sent < sending.length) {
      given = sendPart();
      any |= given;
      MachineMemory.fence();
    }
    return any;
  }

  private boolean sendPart() {
    int produced = (int) position(RESPONSES_PRODUCED);
    int room = RING_BYTES - (produced - (int) position(RESPONSES_CONSUMED));
    if (room < 0 || room > RING_BYTES) {
      broken = true;
      return false;
    }
    int part = Math.min(room, sending.length - sent);
    for (int i = 0; i < part; i++, produced++) {
      MachineMemory.write8(page + RESPONSES + (produced & RING_BYTES - 1), sending[sent++]);
    }
    if (part > 0) {
      MachineMemory.fence();
      MachineMemory.write32(page + RESPONSES_PRODUCED, produced & 0xFFFF_FFFFL);
    }
    return part > 0;
  }

  private void message(int type, int id, int transaction, byte[] payload) {
    sending =
        ByteBuffer.allocate(HEADER_BYTES + payload.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(type)
            .putInt(id)
            .putInt(transaction)
            .putInt(payload.length)
            .put(payload)
            .array();
    sent = 0;
  }

  private void answer() {
    int type = word(0);
    int id = word(4);
    int transaction = word(8);
    byte[] payload = Arrays.copyOfRange(request, HEADER_BYTES, received);
    received = 0;
    try {
      byte[] reply = reply(type, transaction, payload);
      if (reply.length > MOST_PAYLOAD) {
        throw new StoreError(StoreError.Name.E2BIG);
      }
      message(type, id, transaction, reply);
    } catch (StoreError e) {
      message(ERROR, id, transaction, text(e.name.name()));
    }
  }

  private byte[] reply(int type, int transaction, byte[] payload) throws StoreError {
    return switch (type) {
      case DIRECTORY -> text(store.children(transaction, path(payload)).toArray(String[]::new));
      case READ -> store.read(transaction, path(payload));
      case GET_PERMS -> text(store.isGuests(transaction, path(payload)) ? "n1" : "n0", "r1");
      case WATCH -> {
        List<String> words = words(payload, 2);
        store.watches.add(absolute(words.get(0)), cut(words.get(0)), words.get(1));
        yield OK;
      }
      case UNWATCH -> {
        List<String> words = words(payload, 2);
        store.watches.remove(absolute(words.get(0)), cut(words.get(0)), words.get(1));
        yield OK;
      }
      case TRANSACTION_START -> text(Integer.toString(store.begin()));
      case TRANSACTION_END -> {
        String how = words(payload, 1).get(0);
        if (!how.equals("T") && !how.equals("F")) {
          throw new StoreError(StoreError.Name.EINVAL);
        }
        store.end(transaction, how.equals("T"));
        yield OK;
      }
      case GET_DOMAIN_PATH -> text("/local/domain/" + domain(words(payload, 1).get(0)));
      case WRITE -> {
        int end = end(payload);
        byte[] value = Arrays.copyOfRange(payload, end + 1, payload.length);
        store.write(transaction, path(Arrays.copyOf(payload, end + 1)), value);
        yield OK;
      }
      case MKDIR -> {
        store.make(transaction, path(payload));
        yield OK;
      }
      case RM -> {
        store.remove(transaction, path(payload));
        yield OK;
      }
      case SET_PERMS -> {
        if (!store.isGuests(transaction, path(Arrays.copyOf(payload, end(payload) + 1)))) {
          throw new StoreError(StoreError.Name.EACCES);
        }
        yield OK;
      }
      case RESET_WATCHES -> {
        store.forgetGuest();
        yield OK;
      }
      default -> throw new StoreError(StoreError.Name.ENOSYS);
    };
  }

  private static int domain(String number) throws StoreError {
    if (!number.matches("[0-9]{1,5}")) {
      throw new StoreError(StoreError.Name.EINVAL);
    }
    return Integer.parseInt(number);
  }

  private static int end(byte[] payload) throws StoreError {
    for (int i = 0; i < payload.length; i++) {
      if (payload[i] == 0) {
        return i;
      }
    }
    throw new StoreError(StoreError.Name.EINVAL);
  }

  private static String path(byte[] payload) throws StoreError {
    return absolute(words(payload, 1).get(0));
  }

  /** Names that begin with @ are events of the store, which never come. */
  private static String absolute(String path) throws StoreError {
    return path.startsWith("@") ? "/" + path : StorePath.absolute(Store.HOME, path);
  }

  private static int cut(String path) {
    if (path.startsWith("@")) {
      return 1;
    }
    return path.startsWith("/") ? 0 : Store.HOME.length() + 1;
  }

  /** Words that each end with a zero byte; at least so many. */
  private static List<String> words(byte[] payload, int least) throws StoreError {
    List<String> words = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < payload.length; i++) {
      if (payload[i] == 0) {
        words.add(new String(payload, start, i - start, StandardCharsets.ISO_8859_1));
        start = i + 1;
      }
    }
    if (words.size() < least) {
      throw new StoreError(StoreError.Name.EINVAL);
    }
    return words;
  }

  private static byte[] text(String... words) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (String word : words) {
      bytes.writeBytes(word.getBytes(StandardCharsets.ISO_8859_1));
      bytes.write(0);
    }
    return bytes.toByteArray();
  }
}
