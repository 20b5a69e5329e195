/** The virtio block device, in front of whatever keeps the blocks. */
package dev.ringzero.devices.virtio.block;
