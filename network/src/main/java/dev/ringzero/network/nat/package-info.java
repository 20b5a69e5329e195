/**
 * A network of its own behind the host's sockets, without root: gateway, DHCP, DNS, UDP and TCP.
 * All of a NAT's state belongs to its one thread.
 */
package dev.ringzero.network.nat;
