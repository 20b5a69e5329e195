/** Files and folders into guests and out of them. */
package dev.ringzero.cli.copy;
