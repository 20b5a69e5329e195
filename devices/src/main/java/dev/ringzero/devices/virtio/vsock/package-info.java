/** The virtio socket device: streams between programs of the guest and of the host. */
package dev.ringzero.devices.virtio.vsock;
