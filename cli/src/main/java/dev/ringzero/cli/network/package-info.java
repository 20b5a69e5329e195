/** Cards, switches, captures and links on the command line. */
package dev.ringzero.cli.network;
