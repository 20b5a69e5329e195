/** Figures for Prometheus. */
package dev.ringzero.serve.metrics;
