/** Connections that stay: events and consoles. */
package dev.ringzero.serve.stream;
