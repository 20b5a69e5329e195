/** A learning Ethernet switch with VLANs. */
package dev.ringzero.network.switching;
