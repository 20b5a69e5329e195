/** The file that describes the API, by which requests are led and checked. */
package dev.ringzero.serve.description;
