/**
 * Virtio devices: what a kind of device adds to the transport ({@link
 * dev.ringzero.devices.virtio.VirtioDevice}), and what it gets from it ({@link
 * dev.ringzero.devices.virtio.VirtioTransport}).
 */
package dev.ringzero.devices.virtio;
