/** The virtio console device. */
package dev.ringzero.devices.virtio.console;
