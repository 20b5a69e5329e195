package dev.ringzero.control.snapshot;

/** Which RingZero this is. */
final class Release {
  private Release() {}

  /** The version; one word for all that were not packaged. */
  static String version() {
    String version = Release.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
