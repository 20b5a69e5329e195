/** Who may ask. */
package dev.ringzero.serve.access;
