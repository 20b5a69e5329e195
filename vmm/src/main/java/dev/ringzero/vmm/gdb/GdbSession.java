package dev.ringzero.vmm.gdb;

import dev.ringzero.vmm.gdb.DebugTarget.Stop;
import java.io.IOException;

/**
 * One conversation with gdb. Threads are vCPUs: thread n+1 is vCPU n.
 *
 * @spec GDB manual, "Remote Protocol: Packets"
 */
final class GdbSession {
  private static final String OK = "OK";
  private static final String ERROR = "E01";
  private static final String UNKNOWN = "";

  private final DebugTarget target;
  private final Packets packets;
  private int cpu;
  private Stop lastStop = new Stop(DebugTarget.Reason.INTERRUPT, 0);
  private boolean detached;

  GdbSession(DebugTarget target, Packets packets) {
    this.target = target;
    this.packets = packets;
  }

  void run() throws IOException {
    target.interrupt();
    try {
      for (String packet = packets.read(); packet != null; packet = next()) {
        String reply = answer(packet);
        if (reply != null) {
          packets.write(reply);
        }
        if (packet.equals("QStartNoAckMode")) {
          packets.withoutAcknowledgements();
        }
      }
    } finally {
      target.resumeDetached();
    }
  }

  private String next() throws IOException {
    return detached ? null : packets.read();
  }

  private String answer(String packet) throws IOException {
    if (packet.equals(Packets.INTERRUPT)) {
      return null;
    }
    try {
      return command(packet);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      return ERROR;
    }
  }

  private String command(String packet) throws IOException {
    String rest = packet.substring(1);
    return switch (packet.charAt(0)) {
      case '?' -> describe(lastStop);
      case 'g' -> TargetDescription.read(target.cpu(cpu));
      case 'G' -> {
        TargetDescription.write(target.cpu(cpu), rest);
        yield OK;
      }
      case 'p' -> TargetDescription.read(target.cpu(cpu), (int) Hex.address(rest));
      case 'P' -> {
        int equals = rest.indexOf('=');
        int number = (int) Hex.address(rest.substring(0, equals));
        boolean done = TargetDescription.write(target.cpu(cpu), number, rest.substring(equals + 1));
        yield done ? OK : ERROR;
      }
      case 'm' -> readMemory(rest);
      case 'M' -> writeMemory(rest);
      case 'c' -> resume();
      case 's' -> describe(lastStop = target.step(cpu));
      case 'v' -> verbose(packet);
      case 'H' -> selectThread(rest);
      case 'T' -> Hex.address(rest) <= target.cpuCount() ? OK : ERROR;
      case 'Z', 'z' -> breakpoint(packet);
      case 'q', 'Q' -> query(packet);
      case 'D' -> {
        detached = true;
        yield OK;
      }
      case 'k' -> {
        target.kill();
        detached = true;
        yield null;
      }
      default -> UNKNOWN;
    };
  }

  private String readMemory(String rest) {
    int comma = rest.indexOf(',');
    long asked = Hex.address(rest.substring(comma + 1));
    if (asked < 0) {
      return ERROR;
    }
    int length = (int) Math.min(asked, Packets.MAX_BYTES / 2);
    byte[] bytes = target.readMemory(cpu, Hex.address(rest.substring(0, comma)), length);
    return bytes.length == 0 && length > 0 ? ERROR : Hex.of(bytes);
  }

  private String writeMemory(String rest) {
    int comma = rest.indexOf(',');
    byte[] bytes = Hex.bytes(rest.substring(rest.indexOf(':') + 1));
    return target.writeMemory(cpu, Hex.address(rest.substring(0, comma)), bytes) ? OK : ERROR;
  }

  private String selectThread(String rest) {
    int thread = rest.substring(1).equals("-1") ? 0 : (int) Hex.address(rest.substring(1));
    if (thread > target.cpuCount()) {
      return ERROR;
    }
    cpu = Math.max(thread - 1, 0);
    return OK;
  }

  private String breakpoint(String packet) {
    String[] parts = packet.substring(1).split(",");
    boolean code = parts[0].equals("0") || parts[0].equals("1");
    if (!code) {
      return UNKNOWN;
    }
    long gva = Hex.address(parts[1]);
    if (packet.charAt(0) == 'Z') {
      target.addBreakpoint(gva);
    } else {
      target.removeBreakpoint(gva);
    }
    return OK;
  }

  private String verbose(String packet) throws IOException {
    if (packet.equals("vCont?")) {
      return "vCont;c;C;s;S";
    }
    if (!packet.startsWith("vCont;")) {
      return UNKNOWN;
    }
    String action = packet.substring(6).split(";")[0];
    int colon = action.indexOf(':');
    if (colon >= 0 && !selectThread("c" + action.substring(colon + 1)).equals(OK)) {
      return ERROR;
    }
    return switch (action.charAt(0)) {
      case 'c', 'C' -> resume();
      case 's', 'S' -> describe(lastStop = target.step(cpu));
      default -> UNKNOWN;
    };
  }

  private String resume() throws IOException {
    Thread listener = Thread.ofVirtual().start(this::interruptOnInput);
    try {
      lastStop = target.resume();
    } finally {
      listener.interrupt();
    }
    return describe(lastStop);
  }

  /** While the machine runs gdb sends nothing but the interrupt byte. */
  private void interruptOnInput() {
    try {
      while (!Thread.interrupted()) {
        if (packets.waiting()) {
          target.interrupt();
          return;
        }
        Thread.sleep(20);
      }
    } catch (IOException e) {
      target.interrupt();
    } catch (InterruptedException e) {
      // the machine stopped by itself
    }
  }

  private String query(String packet) {
    String name = packet.split("[:;,]")[0];
    return switch (name) {
      case "qSupported" ->
          "PacketSize=4000;qXfer:features:read+;QStartNoAckMode+;vContSupported+;hwbreak+";
      case "QStartNoAckMode" -> OK;
      case "qXfer" -> transfer(packet);
      case "qAttached" -> "1";
      case "qC" -> "QC" + Integer.toHexString(cpu + 1);
      case "qfThreadInfo" -> threads();
      case "qsThreadInfo" -> "l";
      case "qThreadExtraInfo" -> {
        long thread = Hex.address(packet.substring(packet.indexOf(',') + 1));
        yield Hex.of(("vCPU " + (thread - 1)).getBytes());
      }
      default -> UNKNOWN;
    };
  }

  private String threads() {
    StringBuilder list = new StringBuilder("m");
    for (int id = 1; id <= target.cpuCount(); id++) {
      list.append(id == 1 ? "" : ",").append(Integer.toHexString(id));
    }
    return list.toString();
  }

  private static String transfer(String packet) {
    if (!packet.startsWith("qXfer:features:read:target.xml:")) {
      return UNKNOWN;
    }
    String[] range = packet.substring(packet.lastIndexOf(':') + 1).split(",");
    String xml = TargetDescription.xml();
    int from = (int) Math.min(Hex.address(range[0]), xml.length());
    int to = (int) Math.min(from + Hex.address(range[1]), xml.length());
    return (to == xml.length() ? "l" : "m") + xml.substring(from, to);
  }

  private String describe(Stop stop) {
    cpu = stop.cpu();
    String thread = "thread:" + Integer.toHexString(stop.cpu() + 1) + ";";
    return switch (stop.reason()) {
      case BREAKPOINT -> "T05" + thread + "hwbreak:;";
      case STEP -> "T05" + thread;
      case INTERRUPT -> "T02" + thread;
      case END -> "W00";
    };
  }
}
