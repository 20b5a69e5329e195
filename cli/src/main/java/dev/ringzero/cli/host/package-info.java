/** Processes in which several machines run: {@code rz host}, and {@code rz run --host}. */
package dev.ringzero.cli.host;
