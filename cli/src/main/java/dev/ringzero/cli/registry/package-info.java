/** Commands for machines that are kept. */
package dev.ringzero.cli.registry;
