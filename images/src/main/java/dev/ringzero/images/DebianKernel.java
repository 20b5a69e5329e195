package dev.ringzero.images;

/** Kernels that Debian builds from the same source. */
public enum DebianKernel {
  /** For virtual machines: small, with drivers of virtual devices. */
  CLOUD("linux-image-cloud-amd64", "debian"),
  /** With drivers of real hardware. */
  GENERAL("linux-image-amd64", "debian-general");

  private final String packageName;
  private final String directory;

  DebianKernel(String packageName, String directory) {
    this.packageName = packageName;
    this.directory = directory;
  }

  /** The package that stands for the newest one. */
  String packageName() {
    return packageName;
  }

  /** Its name in the cache. */
  String file() {
    return directory + "/vmlinuz";
  }

  /** The name of its modules in the cache. */
  String modulesFile() {
    return directory + "/modules.zip";
  }
}
