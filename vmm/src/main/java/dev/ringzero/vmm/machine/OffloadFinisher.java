package dev.ringzero.vmm.machine;

import dev.ringzero.devices.igb.PacketFinisher;
import dev.ringzero.engine.wire.Packet;
import dev.ringzero.network.offload.Checksums;
import dev.ringzero.network.offload.PacketHeader;
import dev.ringzero.network.offload.Segmenter;
import java.util.function.Consumer;

/** Finishes packets inside a controller as networks finish those that leave it. */
final class OffloadFinisher implements PacketFinisher {
  @Override
  public void finish(Packet packet, Consumer<Packet> sink) {
    if (!PacketHeader.isSound(packet)) {
      packet.release();
    } else if (packet.segmentation() != Packet.SEGMENTATION_NONE) {
      Segmenter.cut(packet, sink);
    } else {
      Packet mine = packet;
      if (!packet.isMine()) {
        mine = packet.copy();
        packet.release();
      }
      Checksums.finish(mine);
      sink.accept(mine);
    }
  }
}
