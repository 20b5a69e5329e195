/** Cables between two cards of one process, without a switch. */
package dev.ringzero.network.cable;
