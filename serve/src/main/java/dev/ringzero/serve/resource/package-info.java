/** What requests do. */
package dev.ringzero.serve.resource;
