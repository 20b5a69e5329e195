/** Devices of the host, handed through by its kernel (VFIO, version 1 with type 1 IOMMUs). */
package dev.ringzero.kvm.vfio;
