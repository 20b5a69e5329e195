/** The virtio file system device: FUSE requests between a driver and whatever serves files. */
package dev.ringzero.devices.virtio.fs;
