package dev.ringzero.vmm.machine;

import dev.ringzero.devices.igb.Controller;
import dev.ringzero.devices.igb.HostDriver;
import dev.ringzero.devices.igb.VirtualFunction;
import dev.ringzero.devices.pci.PciExpress;
import dev.ringzero.engine.AgentRunner;
import dev.ringzero.engine.Clock;
import dev.ringzero.engine.Entropy;
import dev.ringzero.network.NetworkAttachment;
import dev.ringzero.network.Port;
import dev.ringzero.network.offload.OffloadPort;
import java.io.IOException;

/**
 * An Intel 82576 whose physical function the host keeps: virtual functions are passed through to
 * machines, one each.
 */
public final class SharedController implements AutoCloseable {
  private final Controller controller;
  private final Port outside;

  /**
   * Makes the controller.
   *
   * @param mac of the physical function
   * @param macs of the virtual functions
   * @param mtu the longest packet that goes outside
   * @param outside to which it is plugged, and which it closes
   */
  public SharedController(String name, long mac, long[] macs, int mtu, Port outside, Clock clock) {
    this.outside = outside;
    controller =
        new Controller(name, mac, mtu, new OffloadPort(outside), new OffloadFinisher(), clock);
    new HostDriver(controller, macs);
  }

  /**
   * What a machine's card is plugged to that is a virtual function.
   *
   * @param owner tells when the function is taken, and gives a port that is closed when it is free
   */
  public NetworkAttachment function(int number, NetworkAttachment owner) {
    return new Function(controller, number, owner);
  }

  @Override
  public void close() {
    outside.close();
  }

  /** A virtual function, in the place of a network. */
  record Function(Controller controller, int number, NetworkAttachment owner)
      implements NetworkAttachment {

    VirtualFunction open(
        String name, PciExpress.Type place, DevicePaths.Path path, AgentRunner runner) {
      VirtualFunction function =
          new VirtualFunction(
              name, place, controller, number, path.memory(), path.messages(), runner);
      path.attach().accept(function.function());
      return function;
    }

    @Override
    public Port open(Card card, Clock clock, Entropy entropy) throws IOException {
      return owner.open(card, clock, entropy);
    }

    @Override
    public int mtu() {
      return owner.mtu();
    }

    @Override
    public boolean isMovable() {
      return owner.isMovable();
    }

    @Override
    public String description() {
      return owner.description();
    }
  }
}
