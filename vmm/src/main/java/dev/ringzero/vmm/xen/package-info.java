/**
 * The monitor of a paravirtual guest: the Xen PV interface with direct paging, where the guest
 * reads machine addresses from its own page tables and changes them only through checked
 * hypercalls.
 */
package dev.ringzero.vmm.xen;
