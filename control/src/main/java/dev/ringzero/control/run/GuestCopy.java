package dev.ringzero.control.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Archives into our own guest and out of it, through its line of commands: the guest's tar reads or
 * writes a pipe there, whose bytes go piece by piece, each confirmed before the next.
 */
public final class GuestCopy {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int LONGEST_PATH = 4096;

  /** Both begin every script: $p begins the names of files in /run. */
  private static final String BEGIN =
      """
      box=/bin/busybox; rz=/rz; p=%s
      [ -x /run/rz/bin/busybox ] && box=/run/rz/bin/busybox && rz=/run/rz
      """;

  private static final String UNPACK =
      BEGIN
          + """
          [ -e $rz/put ] || { echo 'this guest is of an older RingZero'; exit 2; }
          cd -- %s || exit 2
          $box mkfifo $p || exit 2
          ( $box tar -x -f - <$p >$p.said 2>&1; echo $? >$p.status ) &
          $box sleep 86400 >$p &
          echo $! >$p.holder
          """;

  private static final String UNPACKED =
      BEGIN
          + """
          kill $($box cat $p.holder)
          n=0
          while [ ! -e $p.status ] && [ $n -lt 600 ]; do $box sleep 0.1; n=$((n + 1)); done
          status=$($box cat $p.status)
          $box cat $p.said
          $box rm -f $p $p.*
          exit ${status:-1}
          """;

  private static final String PACK =
      BEGIN
          + """
          cd -- %s || exit 2
          name=%s
          [ -e "$name" ] || [ -L "$name" ] || { echo 'no such file or folder'; exit 2; }
          $box mkfifo $p.go $p.got || exit 2
          ( $box tar -c -f - -- "$name" 2>$p.said | while read x <$p.go; do
            $box dd bs=48k count=1 iflag=fullblock of=$p.part 2>/dev/null
            echo >$p.got
          done ) &
          echo $! >$p.holder
          """;

  private static final String PIECE = BEGIN + "echo >$p.go; read x <$p.got; $box cat $p.part\n";

  private static final String PACKED =
      BEGIN
          + """
          kill $($box cat $p.holder)
          $box cat $p.said
          $box rm -f $p.*
          """;

  private final GuestRun run;
  private final String pipe = "/run/rz.copy." + Long.toHexString(System.nanoTime());

  public GuestCopy(GuestRun run) {
    this.run = run;
  }

  /**
   * Unpacks an archive in a folder of the guest.
   *
   * @throws IOException with a message for the user
   */
  public void in(String folder, InputStream archive) throws IOException, InterruptedException {
    exec(UNPACK.formatted(pipe, quoted(folder)));
    boolean whole = false;
    try {
      byte[] piece = new byte[GuestExec.LONGEST_PUT_BYTES];
      int count = archive.readNBytes(piece, 0, piece.length);
      for (boolean taken = true; taken && count > 0; ) {
        taken = run.exec().put(pipe, piece, count, LIMIT, run::ended).status() == 0;
        count = archive.readNBytes(piece, 0, piece.length);
      }
      whole = true;
    } finally {
      finish(UNPACKED, whole);
    }
  }

  /**
   * Packs a file or folder of the guest.
   *
   * @throws IOException with a message for the user
   */
  public void out(String folder, String name, OutputStream archive)
      throws IOException, InterruptedException {
    exec(PACK.formatted(pipe, quoted(folder), quoted(name)));
    boolean whole = false;
    try {
      byte[] piece = exec(PIECE.formatted(pipe));
      while (piece.length > 0) {
        archive.write(piece);
        piece = exec(PIECE.formatted(pipe));
      }
      whole = true;
    } finally {
      finish(PACKED, whole);
    }
  }

  /** What is told at the end counts only where nothing was wrong before. */
  private void finish(String script, boolean whole) throws IOException, InterruptedException {
    try {
      byte[] said = exec(script.formatted(pipe));
      if (whole && said.length > 0) {
        throw new IOException(text(said));
      }
    } catch (IOException e) {
      if (whole) {
        throw e;
      }
    }
  }

  private byte[] exec(String script) throws IOException, InterruptedException {
    GuestExec.Result result = run.exec().run(script, LIMIT, run::ended);
    if (result.status() != 0) {
      String said = text(result.output());
      throw new IOException(said.isEmpty() ? "the guest refused" : said);
    }
    return result.output();
  }

  /** The first line that a program of the guest said, without what a terminal would obey. */
  private static String text(byte[] said) {
    return "the guest said: "
        + new String(said, StandardCharsets.UTF_8)
            .lines()
            .findFirst()
            .orElse("")
            .replaceAll("\\p{Cntrl}", "");
  }

  private static String quoted(String path) throws IOException {
    if (path.isEmpty()
        || path.length() > LONGEST_PATH
        || path.chars().anyMatch(Character::isISOControl)) {
      throw new IOException("a path in the guest has 1 to %d characters".formatted(LONGEST_PATH));
    }
    return "'" + path.replace("'", "'\\''") + "'";
  }
}
