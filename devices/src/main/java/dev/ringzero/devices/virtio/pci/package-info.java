/** Virtio over PCI: configuration, notification and interrupts of a modern device. */
package dev.ringzero.devices.virtio.pci;
