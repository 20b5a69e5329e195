/** The command that serves the API. */
package dev.ringzero.cli.serve;
