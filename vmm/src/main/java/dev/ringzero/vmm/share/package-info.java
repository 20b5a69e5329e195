/** Folders of the host as a guest sees them through virtio-fs. */
package dev.ringzero.vmm.share;
