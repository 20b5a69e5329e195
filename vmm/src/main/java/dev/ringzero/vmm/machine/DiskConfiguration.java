package dev.ringzero.vmm.machine;

import java.nio.file.Path;

/**
 * A disk of a machine.
 *
 * @param file the image, raw or qcow2
 */
public record DiskConfiguration(Path file, boolean readOnly) {}
