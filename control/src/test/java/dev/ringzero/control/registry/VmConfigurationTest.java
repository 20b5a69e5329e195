package dev.ringzero.control.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringzero.control.protocol.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class VmConfigurationTest {
  @Test
  void optionsBecomeJsonAndOptionsAgain() throws Exception {
    Map<String, List<String>> options = new LinkedHashMap<>();
    options.put("kernel", List.of("/boot/vmlinuz"));
    options.put("module", List.of("/boot/dom0 console=hvc0 quiet", "/boot/initrd"));
    options.put("memory", List.of("1024M"));
    options.put("cpus", List.of("2"));
    options.put("image", List.of("py,persistent"));
    options.put("disk", List.of("/d/a.qcow2,ro,queues=2", "/d/b.img,cache=unsafe"));
    options.put("net", List.of("nat,mtu=1400", "switch=lan0,mac=52:5a:00:00:00:01,ip=none"));
    options.put("publish", List.of("8080:80"));
    options.put("allow-host", List.of());
    options.put("share", List.of("/srv/a:b:/mnt/src,ro"));
    options.put("vsock", List.of("/run/v.sock,cid=7"));
    options.put("cpu", List.of("amd,-x2apic"));
    options.put("host", List.of("lab"));
    VmConfiguration configuration = VmConfiguration.ofOptions(options);
    VmConfiguration read = VmConfiguration.of(Json.read(Json.write(configuration.toMap())));
    assertThat(read).isEqualTo(configuration);
    assertThat(read.host()).contains("lab");
    assertThat(read.arguments())
        .containsExactly(
            "--kernel=/boot/vmlinuz",
            "--module=/boot/dom0 console=hvc0 quiet",
            "--module=/boot/initrd",
            "--memory=1024M",
            "--cpus=2",
            "--image=py,persistent",
            "--disk=/d/a.qcow2,ro,queues=2",
            "--disk=/d/b.img,cache=unsafe",
            "--net=nat,mtu=1400",
            "--net=switch=lan0,mac=52:5a:00:00:00:01,ip=none",
            "--publish=8080:80",
            "--allow-host",
            "--share=/srv/a:b:/mnt/src,ro",
            "--vsock=/run/v.sock,cid=7",
            "--cpu=amd,-x2apic");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"disks\":[{\"path\":\"a.img,backing=allow\"}]} | disks[0].path takes a text",
        "{\"disks\":[{\"readOnly\":true}]} | disks[0].path is missing",
        "{\"disks\":[{\"path\":\"a\",\"name\":1}]} | disks[0].name is not known",
        "{\"disks\":{}} | disks takes a list",
        "{\"shares\":[{\"path\":\"a\",\"mount\":\"/x:/etc\"}]} | shares[0].mount takes a text",
        "{\"networks\":[{\"kind\":\"tap=tap0\"}]} | networks[0].kind takes a text",
        "{\"cpus\":\"2\"} | cpus takes a number",
        "{\"warm\":1} | warm takes true or false",
        "{\"memory\":512} | memory is no member",
        "{\"append\":\"a\\u0000b\"} | append takes a text",
      })
  void whatIsWrongIsNamed(String json, String complaint) {
    assertThatThrownBy(() -> VmConfiguration.of(Json.read(json)))
        .isInstanceOf(RegistryException.class)
        .hasMessageStartingWith(complaint);
  }

  @Test
  void aChangeReplacesAndNullTakesAway() {
    VmConfiguration before = VmConfiguration.of(Map.of("cpus", 1L, "append", "quiet"));
    Map<String, Object> change = new LinkedHashMap<>();
    change.put("append", null);
    change.put("cpus", 4L);
    assertThat(before.with(change).toMap()).isEqualTo(Map.of("cpus", 4L));
  }

  @Test
  void everyPathOfTheHostIsMapped() {
    VmConfiguration configuration =
        VmConfiguration.of(
            Map.of(
                "kernel", "k",
                "initrd", "i",
                "modules", List.of(Map.of("path", "m")),
                "disks", List.of(Map.of("path", "d")),
                "shares", List.of(Map.of("path", "s", "mount", "/m")),
                "vsock", Map.of("path", "v")));
    assertThat(configuration.mapPaths(path -> "/x/" + path).arguments())
        .containsExactlyInAnyOrder(
            "--kernel=/x/k",
            "--initrd=/x/i",
            "--module=/x/m",
            "--disk=/x/d",
            "--share=/x/s:/m",
            "--vsock=/x/v");
  }
}
