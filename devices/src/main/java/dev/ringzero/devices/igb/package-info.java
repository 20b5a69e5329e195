/**
 * The Intel 82576, a network controller with virtual functions: what Linux drives with {@code igb}
 * and {@code igbvf}.
 */
package dev.ringzero.devices.igb;
