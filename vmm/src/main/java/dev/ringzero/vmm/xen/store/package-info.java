/**
 * The store of a paravirtual guest: a small tree of names and values in which it finds its devices,
 * and the ring on which it asks.
 */
package dev.ringzero.vmm.xen.store;
