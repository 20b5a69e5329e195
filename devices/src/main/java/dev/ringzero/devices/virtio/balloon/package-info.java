/** The virtio balloon: memory that a guest gives back for a while. */
package dev.ringzero.devices.virtio.balloon;
