package dev.ringzero.devices.igb;

/** What went through a controller since it was made, as its drivers see the directions. */
public record Totals(
    long framesReceived, long bytesReceived, long framesSent, long bytesSent, long dropped) {}
