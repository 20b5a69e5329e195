package dev.ringzero.vmm.machine;

/**
 * A device that the configuration or a user asked for, for people.
 *
 * @param slot in which it is, from 1; 0 on the board
 */
public record DeviceView(String id, String kind, String what, int slot) {}
