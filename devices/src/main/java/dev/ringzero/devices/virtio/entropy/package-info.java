/** The virtio entropy device. */
package dev.ringzero.devices.virtio.entropy;
