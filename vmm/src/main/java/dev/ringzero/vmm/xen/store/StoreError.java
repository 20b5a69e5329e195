package dev.ringzero.vmm.xen.store;

/** Why a request was refused; the names are those that the wire carries. */
public final class StoreError extends Exception {
  private static final long serialVersionUID = 1L;

  /** Names of error numbers. */
  public enum Name {
    EINVAL,
    EACCES,
    EEXIST,
    ENOENT,
    ENOSPC,
    ENOSYS,
    EAGAIN,
    E2BIG
  }

  public final Name name;

  StoreError(Name name) {
    super(name.name(), null, false, false);
    this.name = name;
  }
}
