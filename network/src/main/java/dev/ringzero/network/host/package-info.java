/** Calls of the host's kernel for which Java has no classes. */
package dev.ringzero.network.host;
