package dev.ringzero.vmm.machine;

import dev.ringzero.devices.pci.VirtualFunctions;

/** What a network card is to its guest. */
public enum CardModel {
  VIRTIO("virtio"),
  /** Virtio without the event index, by which others save doorbells and interrupts: to compare. */
  VIRTIO_PLAIN("virtio-plain"),
  /** What Linux drives with igb, and its virtual functions with igbvf. */
  INTEL_82576("82576");

  /** The eighth pool of queues stays with the physical function. */
  public static final int MOST_INTEL_FUNCTIONS = 7;

  private final String word;

  CardModel(String word) {
    this.word = word;
  }

  /** As users write it. */
  public String word() {
    return word;
  }

  /** How many virtual functions such a card makes at most. */
  public int mostFunctions() {
    return switch (this) {
      case VIRTIO, VIRTIO_PLAIN -> VirtualFunctions.MOST;
      case INTEL_82576 -> MOST_INTEL_FUNCTIONS;
    };
  }

  /**
   * Reads what users write.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  public static CardModel parse(String text) {
    for (CardModel model : values()) {
      if (model.word.equals(text)) {
        return model;
      }
    }
    throw new IllegalArgumentException("virtio, virtio-plain or 82576, not " + text);
  }
}
