/** Requests and answers, and what bounds them. */
package dev.ringzero.serve.http;
