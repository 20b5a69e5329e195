package dev.ringzero.devices.virtio.pci;

import static dev.ringzero.devices.virtio.VirtioStatus.*;
import static dev.ringzero.devices.virtio.pci.CommonRegister.*;

import dev.ringzero.devices.virtio.VirtioDevice;
import dev.ringzero.devices.virtio.VirtioFeature;
import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;
import dev.ringzero.memory.DmaMemory;
import dev.ringzero.memory.TranslatedMemory;

/**
 * The registers by which driver and device agree: features, status and where the queues are.
 * Accesses of another width than the register's change nothing.
 *
 * @spec Virtual I/O Device (VIRTIO) 1.2, "Common configuration structure layout"
 */
final class CommonConfig {
  /** What a write asks of the device. */
  enum Effect {
    NONE,
    READY,
    RESET,
    MISUSE
  }

  private final DmaMemory memory;
  private long offered;
  private final long required;
  private final int vectors;
  private final QueueRegisters[] queues;

  private int deviceFeatureSelect;
  private int driverFeatureSelect;
  private long driverFeatures;
  private int configVector = QueueRegisters.NO_VECTOR;
  private int status;
  private int generation;
  private int queueSelect;
  private String complaint = "";

  CommonConfig(VirtioDevice device, DmaMemory memory, int vectors) {
    this.memory = memory;
    this.vectors = vectors;
    required =
        VirtioFeature.VIRTIO_F_VERSION_1
            | (memory instanceof TranslatedMemory ? VirtioFeature.VIRTIO_F_ACCESS_PLATFORM : 0);
    this.offered = device.features() | VirtioFeature.OF_TRANSPORT | required;
    int[] sizes = device.queueSizes();
    queues = new QueueRegisters[sizes.length];
    for (int i = 0; i < sizes.length; i++) {
      queues[i] = new QueueRegisters(sizes[i]);
    }
  }

  /** Offers features more, before a driver sees the device. */
  void withhold(long features) {
    offered &= ~features;
  }

  void offer(long features) {
    offered |= features;
  }

  void reset() {
    deviceFeatureSelect = 0;
    driverFeatureSelect = 0;
    driverFeatures = 0;
    configVector = QueueRegisters.NO_VECTOR;
    status = 0;
    queueSelect = 0;
    for (QueueRegisters queue : queues) {
      queue.reset();
    }
  }

  QueueRegisters queue(int index) {
    return queues[index];
  }

  int configVector() {
    return configVector;
  }

  long features() {
    return driverFeatures;
  }

  boolean isDriverReady() {
    return (status & DRIVER_OK) != 0;
  }

  boolean isRunning() {
    return isDriverReady() && (status & DEVICE_NEEDS_RESET) == 0;
  }

  void needsReset() {
    status |= DEVICE_NEEDS_RESET;
  }

  void nextGeneration() {
    generation = generation + 1 & 0xFF;
  }

  /** What was wrong with the last write that was {@link Effect#MISUSE}. */
  String complaint() {
    return complaint;
  }

  long read(long offset, int sizeBytes) {
    int register = (int) offset & (offset >= QUEUE_DESC ? ~7 : ~0);
    int width = widthAt(register);
    if (width == 8 && sizeBytes == 4 && (offset & 3) == 0) {
      return readRegister(register) >>> 8 * (offset & 4) & 0xFFFF_FFFFL;
    }
    return register == offset && width == sizeBytes ? readRegister(register) : 0;
  }

  private long readRegister(int register) {
    return switch (register) {
      case DEVICE_FEATURE_SELECT -> deviceFeatureSelect & 0xFFFF_FFFFL;
      case DEVICE_FEATURE -> half(offered, deviceFeatureSelect);
      case DRIVER_FEATURE_SELECT -> driverFeatureSelect & 0xFFFF_FFFFL;
      case DRIVER_FEATURE -> half(driverFeatures, driverFeatureSelect);
      case CONFIG_MSIX_VECTOR -> configVector;
      case NUM_QUEUES -> queues.length;
      case DEVICE_STATUS -> status;
      case CONFIG_GENERATION -> generation;
      case QUEUE_SELECT -> queueSelect;
      default -> queueSelect < queues.length ? readQueue(queues[queueSelect], register) : 0;
    };
  }

  private long readQueue(QueueRegisters queue, int register) {
    return switch (register) {
      case QUEUE_SIZE -> queue.size;
      case QUEUE_MSIX_VECTOR -> queue.vector;
      case QUEUE_ENABLE -> queue.queue != null ? 1 : 0;
      case QUEUE_NOTIFY_OFF -> queueSelect;
      case QUEUE_DESC -> queue.descriptors;
      case QUEUE_DRIVER -> queue.driverArea;
      case QUEUE_DEVICE -> queue.deviceArea;
      default -> 0;
    };
  }

  private static long half(long features, int select) {
    return switch (select) {
      case 0 -> features & 0xFFFF_FFFFL;
      case 1 -> features >>> 32;
      default -> 0;
    };
  }

  Effect write(long offset, int sizeBytes, long value) {
    int register = (int) offset & (offset >= QUEUE_DESC ? ~7 : ~0);
    int width = widthAt(register);
    if (width == 8 && sizeBytes == 4 && (offset & 3) == 0) {
      int shift = (int) (8 * (offset & 4));
      long kept = readRegister(register) & ~(0xFFFF_FFFFL << shift);
      return writeRegister(register, kept | value << shift);
    }
    return register == offset && width == sizeBytes ? writeRegister(register, value) : Effect.NONE;
  }

  private Effect writeRegister(int register, long value) {
    switch (register) {
      case DEVICE_FEATURE_SELECT -> deviceFeatureSelect = (int) value;
      case DRIVER_FEATURE_SELECT -> driverFeatureSelect = (int) value;
      case DRIVER_FEATURE -> writeFeatures(value);
      case CONFIG_MSIX_VECTOR -> configVector = vector(value);
      case QUEUE_SELECT -> queueSelect = (int) value;
      case DEVICE_STATUS -> {
        return writeStatus((int) value);
      }
      default -> {
        return queueSelect < queues.length
            ? writeQueue(queues[queueSelect], register, value)
            : Effect.NONE;
      }
    }
    return Effect.NONE;
  }

  private int vector(long value) {
    return value < vectors ? (int) value : QueueRegisters.NO_VECTOR;
  }

  private void writeFeatures(long value) {
    if ((status & FEATURES_OK) != 0 || driverFeatureSelect >>> 1 != 0) {
      return;
    }
    int shift = 32 * driverFeatureSelect;
    driverFeatures = driverFeatures & ~(0xFFFF_FFFFL << shift) | value << shift;
  }

  private Effect writeStatus(int value) {
    if (value == 0) {
      return Effect.RESET;
    }
    int before = status;
    int refused = acceptable() || (before & FEATURES_OK) != 0 ? 0 : FEATURES_OK;
    // Without features agreed upon a driver must not go on.
    int early = ((before | value & ~refused) & FEATURES_OK) == 0 ? DRIVER_OK : 0;
    // Bits are only ever set, and the device's own bit is not the driver's to set.
    status |= value & ~refused & ~early & ~DEVICE_NEEDS_RESET;
    boolean begins = (before & DRIVER_OK) == 0 && isDriverReady();
    return begins ? Effect.READY : Effect.NONE;
  }

  private boolean acceptable() {
    return (driverFeatures & ~offered) == 0 && (driverFeatures & required) == required;
  }

  private Effect writeQueue(QueueRegisters queue, int register, long value) {
    if (register == QUEUE_MSIX_VECTOR) {
      queue.vector = vector(value);
      return Effect.NONE;
    }
    if (queue.queue != null) {
      return Effect.NONE;
    }
    switch (register) {
      case QUEUE_SIZE -> queue.size = value > 0 && value <= queue.largestSize ? (int) value : 0;
      case QUEUE_DESC -> queue.descriptors = value;
      case QUEUE_DRIVER -> queue.driverArea = value;
      case QUEUE_DEVICE -> queue.deviceArea = value;
      case QUEUE_ENABLE -> {
        return value == 1 ? enable(queue) : Effect.NONE;
      }
      default -> {}
    }
    return Effect.NONE;
  }

  private Effect enable(QueueRegisters queue) {
    if ((status & FEATURES_OK) == 0) {
      complaint = "a queue enabled before the features were agreed upon";
    } else if (queue.size == 0) {
      complaint = "a queue of a size that the device does not have";
    } else {
      complaint = queue.enable(memory, driverFeatures);
    }
    return complaint != null ? Effect.MISUSE : Effect.NONE;
  }

  void save(StateWriter out) {
    out.writeInt(deviceFeatureSelect);
    out.writeInt(driverFeatureSelect);
    out.writeLong(driverFeatures);
    out.writeInt(configVector);
    out.writeInt(status);
    out.writeInt(generation);
    out.writeInt(queueSelect);
    for (QueueRegisters queue : queues) {
      queue.save(out);
    }
  }

  void restore(StateReader in) {
    deviceFeatureSelect = in.readInt();
    driverFeatureSelect = in.readInt();
    driverFeatures = in.readLong();
    configVector = in.readInt() & 0xFFFF;
    status = in.readInt() & 0xFF;
    generation = in.readInt() & 0xFF;
    queueSelect = in.readInt() & 0xFFFF;
    for (QueueRegisters queue : queues) {
      queue.restore(in, memory, driverFeatures);
    }
  }
}
