/** Ports whose network is in another process, at the end of a socket. */
package dev.ringzero.network.remote;
