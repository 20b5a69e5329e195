/** Switches that span the processes of one user. */
package dev.ringzero.control.network;
