/** Labs: machines and the links between them, from a file in containerlab's form. */
package dev.ringzero.cli.lab;
