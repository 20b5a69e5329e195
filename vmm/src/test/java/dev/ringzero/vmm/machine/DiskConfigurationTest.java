package dev.ringzero.vmm.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.images.disk.BackingPolicy;
import dev.ringzero.images.disk.DiskFormat;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DiskConfigurationTest {
  @Test
  void aFileAloneIsADisk() {
    DiskConfiguration disk = DiskConfiguration.parse("root.img");
    assertThat(disk.file()).isEqualTo(Path.of("root.img"));
    assertThat(disk.readOnly()).isFalse();
    assertThat(disk.format()).isEmpty();
    assertThat(disk.cache()).isEqualTo(DiskCache.WRITEBACK);
    assertThat(disk.backing()).isEqualTo(BackingPolicy.FOLDER);
  }

  @Test
  void wordsBehindCommasSayHowToUseIt() {
    DiskConfiguration disk =
        DiskConfiguration.parse(
            "a,b.img,ro,format=qcow2,cache=unsafe,queues=3,serial=one two,backing=allow");
    assertThat(disk.file()).isEqualTo(Path.of("a,b.img"));
    assertThat(disk.readOnly()).isTrue();
    assertThat(disk.format()).contains(DiskFormat.QCOW2);
    assertThat(disk.cache()).isEqualTo(DiskCache.UNSAFE);
    assertThat(disk.queues()).hasValue(3);
    assertThat(disk.serial()).contains("one two");
    assertThat(disk.backing()).isEqualTo(BackingPolicy.ALLOW);
  }

  @Test
  void wrongWordsAreNamed() {
    assertThatThrownBy(() -> DiskConfiguration.parse("a.img,speed=9"))
        .hasMessageStartingWith("does not know speed=9; it takes FILE");
    assertThatThrownBy(() -> DiskConfiguration.parse("a.img,format=vmdk"))
        .hasMessage("cannot have format=vmdk; known are raw, qcow2");
    assertThatThrownBy(() -> DiskConfiguration.parse("a.img,queues=0"))
        .hasMessage("takes queues=1 to 16, not 0");
    assertThatThrownBy(() -> DiskConfiguration.parse("a.img,serial="))
        .hasMessageContaining("1 to 20 ASCII");
    assertThatThrownBy(() -> DiskConfiguration.parse("")).hasMessageStartingWith("needs a file");
  }
}
