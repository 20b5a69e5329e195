/** Frames of a port in a file that packet analysers read. */
package dev.ringzero.network.capture;
