package dev.ringzero.devices.iommu;

import dev.ringzero.engine.MsiTarget;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;

/**
 * Four registers that say how the IOMMU tells of an event: control, data, address, upper address.
 *
 * @spec Intel VT-d 4.1, "Fault Event Control Register"
 */
final class EventMessage {
  private static final int MASKED = 1 << 31;
  private static final int PENDING = 1 << 30;

  private final MsiTarget messages;
  private boolean masked = true;
  private boolean pending;
  private int data;
  private int address;
  private int upperAddress;

  EventMessage(MsiTarget messages) {
    this.messages = messages;
  }

  void raise() {
    if (masked) {
      pending = true;
    } else {
      messages.send((long) upperAddress << 32 | address & 0xFFFF_FFFFL, data);
    }
  }

  /** Software has dealt with what the event is about. */
  void settle() {
    pending = false;
  }

  int read(int register) {
    return switch (register) {
      case 0 -> (masked ? MASKED : 0) | (pending ? PENDING : 0);
      case 4 -> data;
      case 8 -> address;
      default -> upperAddress;
    };
  }

  /** Two registers that are read at once. */
  long readPair(int register) {
    return read(register) & 0xFFFF_FFFFL | (long) read(register + 4) << 32;
  }

  void write(int register, int value) {
    switch (register) {
      case 0 -> {
        masked = (value & MASKED) != 0;
        if (pending && !masked) {
          pending = false;
          raise();
        }
      }
      case 4 -> data = value;
      case 8 -> address = value & ~3;
      default -> upperAddress = value;
    }
  }

  void reset() {
    masked = true;
    pending = false;
    data = 0;
    address = 0;
    upperAddress = 0;
  }

  void save(StateWriter out) {
    out.writeBoolean(masked);
    out.writeBoolean(pending);
    out.writeInt(data);
    out.writeInt(address);
    out.writeInt(upperAddress);
  }

  void restore(StateReader in) {
    masked = in.readBoolean();
    pending = in.readBoolean();
    data = in.readInt();
    address = in.readInt();
    upperAddress = in.readInt();
  }
}
