package dev.ringzero.cpu.paging;

/** The kinds of access and of accessor that page protection tells apart, as small numbers. */
final class Access {
  static final int READ = 0;
  static final int WRITE = 1;
  static final int EXECUTE = 2;

  /** Accesses at CPL 3. */
  static final int USER = 0;

  /** Supervisor accesses that SMAP, where enabled, keeps from user pages. */
  static final int SUPERVISOR = 1;

  /** Supervisor accesses with RFLAGS.AC set while SMAP is enabled. */
  static final int SUPERVISOR_AC = 2;

  static final int PRIVILEGES = 3;

  /** All rights that exist, see {@link #right}. */
  static final int ALL_RIGHTS = (1 << 3 * PRIVILEGES) - 1;

  /** All rights to read. */
  static final int ALL_READ = 0b001_001_001;

  /** All rights to write. */
  static final int ALL_WRITE = ALL_READ << WRITE;

  /** All rights to execute. */
  static final int ALL_EXECUTE = ALL_READ << EXECUTE;

  private Access() {}

  /** The right that an access needs: one bit in a set of nine. */
  static int right(int privilege, int access) {
    return 1 << 3 * privilege + access;
  }

  /**
   * Rights that a protection key takes.
   *
   * @param bits of the key: access disable, write disable
   */
  static int deniedByKey(int bits, boolean writeProtect) {
    if ((bits & 1) != 0) {
      return ALL_READ | ALL_WRITE;
    }
    int writers = writeProtect ? ALL_WRITE : right(USER, WRITE);
    return (bits & 2) != 0 ? writers : 0;
  }

  /**
   * All rights to a page of which the tables say this.
   *
   * @param writeProtect whether CR0.WP is set
   */
  static int rights(
      boolean user,
      boolean writable,
      boolean executeDisabled,
      boolean writeProtect,
      boolean smep,
      boolean smap) {
    int readable = user ? ALL_READ : ALL_READ & ~1;
    if (user && smap) {
      readable &= ~right(SUPERVISOR, READ);
    }
    int writers = writable ? readable : writeProtect ? 0 : readable & ~1;
    int executors = user ? ALL_READ : ALL_READ & ~1;
    if (executeDisabled) {
      executors = 0;
    } else if (user && smep) {
      executors = 1;
    }
    return readable | writers << WRITE | executors << EXECUTE;
  }
}
