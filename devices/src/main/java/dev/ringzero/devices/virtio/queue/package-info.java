/** The device's side of virtqueues, split and packed. Whatever a driver writes there is checked. */
package dev.ringzero.devices.virtio.queue;
