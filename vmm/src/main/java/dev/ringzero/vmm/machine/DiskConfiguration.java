package dev.ringzero.vmm.machine;

import dev.ringzero.images.disk.DiskFormat;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A disk of a machine.
 *
 * @param format of the file; empty to go by its name
 */
public record DiskConfiguration(Path file, boolean readOnly, Optional<DiskFormat> format) {}
