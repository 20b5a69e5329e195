package dev.ringzero.vmm.xen;

import static dev.ringzero.vmm.xen.XenMachine.FIRST_FREE;
import static dev.ringzero.vmm.xen.XenMachine.L1;
import static dev.ringzero.vmm.xen.XenMachine.READ;
import static dev.ringzero.vmm.xen.XenMachine.va;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.memory.FrameMemory;
import dev.ringzero.memory.MachineMemory;
import dev.ringzero.vmm.xen.device.Grants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What devices get of a guest's frames, also of a hostile guest's. */
final class GrantTableTest {
  private static final int PERMIT = 1, TRANSFER = 2, TRANSITIVE = 3, READ_ONLY = 4, IN_USE = 0x18;
  private static final int DATA = 600;

  private final XenMachine machine = new XenMachine(1);
  private final GrantTable grants = machine.domain.grants;
  private final byte[] bytes = new byte[4096];
  private long table;

  @BeforeEach
  void setUp() {
    machine.word(FIRST_FREE, 0, XenDomain.SELF | 1L << 32);
    machine.word(FIRST_FREE, 16, va(FIRST_FREE) + 64);
    assertThat(machine.call(20, 2, va(FIRST_FREE), 1)).isZero();
    assertThat(machine.word(FIRST_FREE, 8) & 0xFFFF).isZero();
    table = machine.word(FIRST_FREE, 64) << 12;
  }

  @AfterEach
  void nothingForbiddenIsReachable() {
    try {
      assertThat(machine.violations()).isEmpty();
    } finally {
      machine.close();
    }
  }

  private void grant(int reference, int flags, int domain, long mfn) {
    MachineMemory.write64(table + reference * 8L, flags | (long) domain << 16 | mfn << 32);
  }

  private long flags(int reference) {
    return MachineMemory.read16(table + reference * 8L);
  }

  @Test
  void devicesReadAndWriteWhatIsGranted() {
    grant(9, PERMIT, 0, machine.mfn(DATA));
    machine.word(DATA, 8, 0x1122334455667788L);
    assertThat(grants.read(9, 8, bytes, 0, 8)).isTrue();
    assertThat(bytes[0]).isEqualTo((byte) 0x88);
    assertThat(grants.write(9, 4088, bytes, 0, 8)).isTrue();
    assertThat(machine.word(DATA, 4088)).isEqualTo(0x1122334455667788L);
    assertThat(flags(9)).as("the guest may take it back").isEqualTo(PERMIT);
  }

  @Test
  void whatIsNotGrantedIsRefused() {
    grant(1, 0, 0, machine.mfn(DATA));
    grant(2, PERMIT, 7, machine.mfn(DATA));
    grant(3, TRANSFER, 0, machine.mfn(DATA));
    grant(4, TRANSITIVE, 0, machine.mfn(DATA));
    grant(5, PERMIT, 0, 0xFFFF_FFFFL);
    for (int reference : new int[] {-1, 1, 2, 3, 4, 5, 511, 512, 1 << 30, Integer.MAX_VALUE}) {
      assertThat(grants.read(reference, 0, bytes, 0, 8)).as("%d", reference).isFalse();
      assertThat(grants.write(reference, 0, bytes, 0, 8)).as("%d", reference).isFalse();
      assertThat(grants.map(reference)).as("%d", reference).isEqualTo(-1);
    }
    grant(6, PERMIT | READ_ONLY, 0, machine.mfn(DATA));
    assertThat(grants.read(6, 0, bytes, 0, 8)).isTrue();
    assertThat(grants.write(6, 0, bytes, 0, 8)).isFalse();
    assertThat(grants.map(6)).isEqualTo(-1);
  }

  @Test
  void copiesOutOfTheFrameAreRefused() {
    grant(1, PERMIT, 0, machine.mfn(DATA));
    assertThat(grants.read(1, 4092, bytes, 0, 8)).isFalse();
    assertThat(grants.write(1, -8, bytes, 0, 8)).isFalse();
    assertThat(grants.write(1, 0, bytes, 0, 4097)).isFalse();
    assertThat(grants.write(1, Integer.MAX_VALUE, bytes, 0, 8)).isFalse();
  }

  @Test
  void tablesAndFramesOfOthersAreNotWrittenThroughGrants() {
    grant(1, PERMIT, 0, machine.mfn(L1));
    long before = machine.entry(L1, 0);
    assertThat(grants.write(1, 0, bytes, 0, 8)).isFalse();
    assertThat(grants.map(1)).isEqualTo(-1);
    assertThat(machine.entry(L1, 0)).isEqualTo(before);
    try (FrameMemory other = FrameMemory.ofPc(2 << 20)) {
      other.write64(0x1000, 1);
      grant(2, PERMIT, 0, other.table().hpa(0x1000) >>> 12);
      assertThat(grants.read(2, 0, bytes, 0, 8)).isFalse();
      assertThat(grants.write(2, 0, bytes, 0, 8)).isFalse();
    }
    assertThat(flags(1)).isEqualTo(PERMIT);
    assertThat(flags(2)).isEqualTo(PERMIT);
  }

  @Test
  void frameThatIsRevokedWhileMappedStaysWhatItIs() {
    long mfn = machine.mfn(DATA);
    grant(1, PERMIT, 0, mfn);
    assertThat(grants.map(1)).isEqualTo(mfn << 12);
    assertThat(flags(1)).isEqualTo(PERMIT | IN_USE);
    grant(1, 0, 0, 0);
    machine.remap(DATA, 0);
    assertThat(machine.extended(0, mfn)).as("becoming a table").isNotZero();
    machine.word(FIRST_FREE, 0, va(FIRST_FREE) + 256);
    machine.word(FIRST_FREE, 8, 1);
    machine.word(FIRST_FREE, 16, 0);
    machine.word(FIRST_FREE, 24, XenDomain.SELF);
    machine.word(FIRST_FREE, 256, mfn);
    assertThat(machine.call(12, 1, va(FIRST_FREE))).as("being given back").isZero();
    grants.unmap(1);
    assertThat(machine.call(12, 1, va(FIRST_FREE))).isEqualTo(1);
  }

  @Test
  void referenceThatIsMappedTwiceIsInUseUntilTheLastEnd() {
    grant(1, PERMIT, 0, machine.mfn(DATA));
    assertThat(grants.map(1)).isPositive();
    assertThat(grants.map(1)).isPositive();
    grant(1, PERMIT | IN_USE, 0, machine.mfn(DATA + 1));
    assertThat(grants.map(1)).as("another frame meanwhile").isEqualTo(-1);
    grants.unmap(1);
    assertThat(flags(1) & IN_USE).isNotZero();
    grants.unmap(1);
    assertThat(flags(1) & IN_USE).isZero();
    assertThat(machine.remap(DATA, machine.to(DATA, READ))).isZero();
    assertThat(machine.extended(0, machine.mfn(DATA))).isZero();
  }

  @Test
  void channelsConnectOnlyWhereTheGuestMadeThemForADevice() {
    machine.word(FIRST_FREE, 0, XenDomain.SELF);
    assertThat(machine.call(32, 6, va(FIRST_FREE))).isZero();
    int port = (int) (machine.word(FIRST_FREE, 0) >>> 32);
    int[] heard = new int[1];
    Grants.Channel channel = grants.connect(port, () -> heard[0]++);
    assertThat(channel).isNotNull();
    assertThat(grants.connect(port, () -> {})).as("twice").isNull();
    assertThat(grants.connect(-1, () -> {})).isNull();
    assertThat(grants.connect(1 << 20, () -> {})).isNull();
    machine.word(FIRST_FREE, 0, port);
    machine.call(32, 4, va(FIRST_FREE));
    assertThat(heard[0]).isEqualTo(1);
    machine.call(32, 3, va(FIRST_FREE));
    channel.signal();
    assertThat(machine.vcpu(0).upcallPending()).as("the port is another's now").isFalse();
    machine.word(FIRST_FREE, 0, XenDomain.SELF | 5L << 16);
    assertThat(machine.call(32, 6, va(FIRST_FREE))).as("of another VM").isEqualTo(-1);
  }
}
