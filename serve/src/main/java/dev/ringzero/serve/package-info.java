/** The API of a host: resources under /v1, described by openapi.yaml. */
package dev.ringzero.serve;
