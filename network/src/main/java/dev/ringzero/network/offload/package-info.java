/** Checksums and segments that senders left to others. */
package dev.ringzero.network.offload;
