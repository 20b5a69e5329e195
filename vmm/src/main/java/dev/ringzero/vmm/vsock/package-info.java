/** The guest's sockets as Unix sockets of the host. */
package dev.ringzero.vmm.vsock;
