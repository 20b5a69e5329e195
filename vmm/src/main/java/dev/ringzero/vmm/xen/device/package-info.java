/**
 * Devices of a paravirtual guest: the monitor's halves of its disks and network cards, which meet
 * the guest's halves in the store, in shared rings and in frames that the guest grants.
 */
package dev.ringzero.vmm.xen.device;
