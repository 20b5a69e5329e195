package dev.ringzero.vmm.machine;

import dev.ringzero.memory.RamImage;

/**
 * A machine as it stood still at one moment, without what is behind its devices at the host.
 *
 * @param state of processors and devices
 * @param memory what its RAM held
 */
public record SavedMachine(byte[] state, RamImage memory) {}
