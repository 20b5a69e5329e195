package dev.ringzero.devices.virtio.fs;

import dev.ringzero.engine.state.StateReader;
import dev.ringzero.engine.state.StateWriter;

/** What serves the files of a file system device. */
public interface FileServer {
  /** Serves the requests of one queue, one at a time. Those of two queues may overlap. */
  @FunctionalInterface
  interface Worker {
    /**
     * Does what a request asks for, and puts the answer into it. May wait for a file of the host.
     *
     * @return 0, or a negative error number of Linux
     */
    int serve(FuseRequest request);
  }

  /** Makes the worker of a queue. */
  Worker newWorker();

  /** Forgets all that the driver knows and has open. Nothing is being served. */
  void reset();

  void save(StateWriter out);

  void restore(StateReader in);
}
