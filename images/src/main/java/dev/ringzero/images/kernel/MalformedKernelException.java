package dev.ringzero.images.kernel;

/** A file is no kernel that can be booted: the message continues a sentence that names the file. */
final class MalformedKernelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MalformedKernelException(String message) {
    super(message);
  }
}
