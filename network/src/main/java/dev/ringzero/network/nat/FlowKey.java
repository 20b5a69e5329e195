package dev.ringzero.network.nat;

/** Which two ends a flow has, as the guest sees them. */
record FlowKey(int guestIp, int guestPort, int remoteIp, int remotePort) {}
