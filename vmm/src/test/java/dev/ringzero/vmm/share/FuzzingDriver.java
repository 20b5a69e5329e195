package dev.ringzero.vmm.share;

import static dev.ringzero.vmm.share.FuseClient.ROOT;

import dev.ringzero.devices.virtio.fs.FuseOpcode;
import dev.ringzero.vmm.share.FuseClient.Answer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/** A driver that asks for anything, most of it plausible: it uses what it was told before. */
final class FuzzingDriver {
  private static final int MOST_KNOWN = 40;
  private static final String[] NAMES = {
    "a", "b", "c", "d", "e", "link", "up", "pipe", "..", ".", "", "a/b", "../secret", "/etc/passwd"
  };

  /** They write to the whole file system of the host, or forget all that was reached. */
  private static final Set<FuseOpcode> SELDOM = EnumSet.of(FuseOpcode.SYNCFS, FuseOpcode.DESTROY);

  private final FuseClient guest;
  private final Random random;
  private final List<Long> nodes = new ArrayList<>(List.of(ROOT));
  private final List<Long> handles = new ArrayList<>(List.of(0L));
  private final Set<FuseOpcode> succeeded = EnumSet.noneOf(FuseOpcode.class);

  FuzzingDriver(FuseClient guest, long seed) {
    this.guest = guest;
    random = new Random(seed);
  }

  /** What it was given at least once. */
  Set<FuseOpcode> succeeded() {
    return succeeded;
  }

  void ask() {
    FuseOpcode opcode = pick(FuseOpcode.values());
    if (SELDOM.contains(opcode) && random.nextInt(300) > 0) {
      return;
    }
    byte[] arguments = FuseClient.arguments(plausible(opcode));
    int number = opcode.number();
    int room = 4096;
    switch (random.nextInt(20)) {
      case 0 -> number = random.nextInt(64);
      case 1 -> arguments = Arrays.copyOf(arguments, random.nextInt(arguments.length + 20));
      case 2 -> room = random.nextInt(200);
      case 3 -> spoil(arguments);
      default -> {}
    }
    Answer answer = guest.raw(number, node(), arguments, room);
    if (answer.error() == 0) {
      succeeded.add(opcode);
      learn(opcode, answer.data());
    }
    if (random.nextInt(200) == 0) {
      byte[] noise = new byte[random.nextInt(100) + 1];
      random.nextBytes(noise);
      guest.send(noise, random.nextInt(64));
    }
    if (opcode == FuseOpcode.DESTROY) {
      guest.initialize();
    }
  }

  private void learn(FuseOpcode opcode, ByteBuffer data) {
    boolean entry =
        switch (opcode) {
          case LOOKUP, MKDIR, MKNOD, CREATE, SYMLINK, LINK -> data.remaining() >= 128;
          default -> false;
        };
    if (entry) {
      keep(nodes, data.getLong(0));
    }
    if (opcode == FuseOpcode.CREATE && data.remaining() >= 136) {
      keep(handles, data.getLong(128));
    }
    boolean opens = opcode == FuseOpcode.OPEN || opcode == FuseOpcode.OPENDIR;
    if (opens && data.remaining() >= 8) {
      keep(handles, data.getLong(0));
    }
  }

  private void keep(List<Long> known, long number) {
    if (known.size() < MOST_KNOWN) {
      known.add(number);
    } else {
      known.set(1 + random.nextInt(MOST_KNOWN - 1), number);
    }
  }

  private void spoil(byte[] bytes) {
    if (bytes.length > 0) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
  }

  private Consumer<ByteBuffer> plausible(FuseOpcode opcode) {
    return in -> {
      switch (opcode) {
        case LOOKUP, UNLINK, RMDIR -> FuseClient.text(in, name());
        case REMOVEXATTR -> FuseClient.text(in, "user.x");
        case MKDIR -> named(in.putInt(0755).putInt(0));
        case MKNOD -> named(in.putInt(pick(0x1000, 0x8000, 0x2000) | 0644).putInt(3).putLong(0));
        case CREATE -> named(in.putInt(flags()).putInt(random.nextInt(07777)).putLong(0));
        case SYMLINK -> {
          FuseClient.text(in, name());
          FuseClient.text(in, "../secret");
        }
        case LINK -> named(in.putLong(node()));
        case RENAME -> named(named(in.putLong(node())));
        case RENAME2 -> named(named(in.putLong(node()).putInt(random.nextInt(4)).putInt(0)));
        case OPEN, OPENDIR -> in.putInt(flags()).putInt(0);
        case GETATTR -> in.putLong(0).putLong(handle());
        case SETATTR -> {
          in.putInt(random.nextInt(0x200)).putInt(0).putLong(handle()).putLong(small());
          in.putLong(0).putLong(small()).putLong(small()).putLong(0).putInt(1).putInt(2).putInt(0);
          in.putInt(random.nextInt(07777)).putInt(0).putInt(0).putInt(0).putInt(0);
        }
        case READ, READDIR, READDIRPLUS ->
            in.putLong(handle()).putLong(small()).putInt(4096).putInt(0).putLong(0).putLong(0);
        case WRITE ->
            in.putLong(handle())
                .putLong(small())
                .putInt(8)
                .putInt(random.nextInt(8))
                .putLong(0)
                .putLong(0)
                .putLong(random.nextLong());
        case FALLOCATE ->
            in.putLong(handle())
                .putLong(small())
                .putLong(small())
                .putInt(random.nextInt(4))
                .putInt(0);
        case LSEEK -> in.putLong(handle()).putLong(small()).putInt(pick(3, 4)).putInt(0);
        case COPY_FILE_RANGE ->
            in.putLong(handle())
                .putLong(small())
                .putLong(node())
                .putLong(handle())
                .putLong(small())
                .putLong(small())
                .putLong(0);
        case SETXATTR -> {
          FuseClient.text(in.putInt(3).putInt(0), "user.x");
          in.put(new byte[3]);
        }
        case GETXATTR, LISTXATTR -> FuseClient.text(in.putInt(100).putInt(0), "user.x");
        case INIT -> in.putInt(7).putInt(30 + random.nextInt(10)).putLong(random.nextLong());
        case FORGET -> in.putLong(random.nextInt(3));
        case BATCH_FORGET ->
            in.putInt(2).putInt(0).putLong(node()).putLong(1).putLong(7).putLong(1);
        default -> in.putLong(handle()).putLong(0).putLong(0);
      }
    };
  }

  private ByteBuffer named(ByteBuffer in) {
    FuseClient.text(in, name());
    return in;
  }

  private String name() {
    return pick(NAMES);
  }

  @SafeVarargs
  private <T> T pick(T... from) {
    return from[random.nextInt(from.length)];
  }

  private int flags() {
    return random.nextInt(3) | pick(0, 0, 0x80, 0x200, 0x400, 0x4000, 0x10000);
  }

  private long node() {
    return random.nextInt(20) == 0 ? random.nextLong() : nodes.get(random.nextInt(nodes.size()));
  }

  private long handle() {
    return random.nextInt(20) == 0
        ? random.nextLong()
        : handles.get(random.nextInt(handles.size()));
  }

  private long small() {
    return random.nextInt(30) == 0 ? random.nextLong() >>> random.nextInt(64) : random.nextInt(99);
  }
}
