/** The virtio network card. */
package dev.ringzero.devices.virtio.net;
