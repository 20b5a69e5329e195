/** TAP interfaces of the host. */
package dev.ringzero.network.tap;
