/** How commands reach processes that several machines share. */
package dev.ringzero.cli.process;
