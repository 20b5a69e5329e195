package dev.ringzero.control.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.images.program.AgentProtocol;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class AgentCommandTest {
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final ByteArrayOutputStream complained = new ByteArrayOutputStream();

  private void frame(int kind, int length, byte... bytes) {
    ByteBuffer frame = ByteBuffer.allocate(8 + bytes.length).order(ByteOrder.LITTLE_ENDIAN);
    said.writeBytes(frame.putInt(kind).putInt(length).put(bytes).array());
  }

  private int await() throws IOException {
    return new AgentCommand(new ByteArrayInputStream(said.toByteArray()), printed)
        .await(
            new AgentCommand.Listener() {
              @Override
              public void output(byte[] bytes, int lengthBytes) {
                printed.write(bytes, 0, lengthBytes);
              }

              @Override
              public void error(byte[] bytes, int lengthBytes) {
                complained.write(bytes, 0, lengthBytes);
              }
            });
  }

  @Test
  void outputErrorsAndStatusComeApart() throws IOException {
    frame(AgentProtocol.OUTPUT, 2, (byte) 'o', (byte) 'k');
    frame(AgentProtocol.ERROR, 1, (byte) '!');
    frame(AgentProtocol.STATUS, 4, (byte) 0, (byte) 3, (byte) 0, (byte) 0);
    assertThat(await()).isEqualTo(3);
    assertThat(printed.toString()).isEqualTo("ok");
    assertThat(complained.toString()).isEqualTo("!");
  }

  @Test
  void aSignalIsToldAsShellsDo() throws IOException {
    frame(AgentProtocol.STATUS, 4, (byte) 9, (byte) 0, (byte) 0, (byte) 0);
    assertThat(await()).isEqualTo(137);
  }

  @Test
  void framesThatNoAgentSendsAreRefused() {
    frame(AgentProtocol.OUTPUT, AgentProtocol.LONGEST_FRAME_BYTES + 1);
    assertThatThrownBy(this::await).hasMessageContaining("no agent says");
    said.reset();
    frame(AgentProtocol.OUTPUT, -1);
    assertThatThrownBy(this::await).hasMessageContaining("no agent says");
    said.reset();
    frame(AgentProtocol.STATUS, 0);
    assertThatThrownBy(this::await).hasMessageContaining("no agent says");
    said.reset();
    frame(99, 0);
    assertThatThrownBy(this::await).hasMessageContaining("no agent says");
  }

  @Test
  void aStreamThatEndsEarlyIsAnError() {
    frame(AgentProtocol.OUTPUT, 100, (byte) 1);
    assertThatThrownBy(this::await).hasMessageContaining("ended before the command did");
  }

  @Test
  void aRequestIsAsTheProtocolSays() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    AgentCommand.request(out, "ls", Optional.of(new AgentCommand.Window(24, 80)));
    assertThat(HexFormat.of().formatHex(out.toByteArray()))
        .isEqualTo("01000000" + "1800" + "5000" + "00000000" + "02000000" + "6c73");
    assertThatThrownBy(() -> AgentCommand.request(out, "x".repeat(1 << 17), Optional.empty()))
        .hasMessageContaining("at most");
    assertThatThrownBy(() -> AgentCommand.request(out, "a\0b", Optional.empty()))
        .hasMessageContaining("zero");
  }

  @Test
  void muchInputGoesInFramesThatTheAgentHasRoomFor() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    AgentCommand command = new AgentCommand(new ByteArrayInputStream(new byte[0]), out);
    command.input(new byte[AgentProtocol.LONGEST_FRAME_BYTES + 5], 0, (1 << 16) + 5);
    command.endInput();
    ByteBuffer frames = ByteBuffer.wrap(out.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(frames.getInt(4)).isEqualTo(1 << 16);
    assertThat(frames.getInt(8 + (1 << 16) + 4)).isEqualTo(5);
    assertThat(frames.getInt(8 + (1 << 16) + 8 + 5 + 4)).isZero();
  }
}
