package dev.ringzero.serve.access;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;

/** The secret by which a client on TCP is known as the user. */
public final class Token {
  private static final int SECRET_BYTES = 32;
  private static final int LEAST_LENGTH = 32;

  private final byte[] text;

  private Token(String text) {
    this.text = text.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * The token in a file, which is made where it is missing.
   *
   * @throws IOException if others may read the file, or it holds no token
   */
  public static Token in(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    try (FileChannel channel =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      byte[] secret = new byte[SECRET_BYTES];
      new SecureRandom().nextBytes(secret);
      String text = Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
      channel.write(ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.US_ASCII)));
      channel.force(true);
      return new Token(text);
    } catch (FileAlreadyExistsException e) {
      return read(file);
    }
  }

  private static Token read(Path file) throws IOException {
    String rights =
        PosixFilePermissions.toString(
            Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS));
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || !rights.endsWith("------")) {
      throw new IOException(
          "others may use the token in %s: chmod 600 it, or remove it for a new one"
              .formatted(file));
    }
    String text = Files.readString(file).strip();
    if (text.length() < LEAST_LENGTH || !text.matches("[A-Za-z0-9_-]+")) {
      throw new IOException("%s holds no token: remove it for a new one".formatted(file));
    }
    return new Token(text);
  }

  /** Whether somebody knows it; takes the same time for each wrong one of a length. */
  boolean is(String said) {
    return MessageDigest.isEqual(text, said.getBytes(StandardCharsets.UTF_8));
  }

  /** As who asks has to say it. */
  public String text() {
    return new String(text, StandardCharsets.US_ASCII);
  }
}
