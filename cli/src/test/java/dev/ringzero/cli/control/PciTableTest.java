package dev.ringzero.cli.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringzero.control.protocol.Json;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PciTableTest {
  private static Map<String, Object> json(String text) throws Json.MalformedJsonException {
    return Json.read(text.replace('\'', '"'));
  }

  @Test
  void functionHasALineAndOneForEachBarAndCapability() throws Json.MalformedJsonException {
    String text =
        PciTable.functions(
            json(
                "{'functions':[{'address':'0000:01:00.1','name':'virtio-eth0v0','id':'ffff:ffff',"
                    + "'class':'020000','virtual':true,'busMaster':true,"
                    + "'bars':[{'number':1,'kind':'memory','base':null,'sizeBytes':8192}],"
                    + "'capabilities':[{'offset':'0x7c','name':'MSI-X','meaning':'on'}]}]}"));
    assertThat(text)
        .isEqualTo(
            """
            0000:01:00.1 virtio-eth0v0 virtual function, class 020000, bus master
                BAR 1  8 KiB memory at no address
                0x7c   MSI-X: on
            """);
  }

  @Test
  void refusedRequestsAreToldWithTheirReason() throws Json.MalformedJsonException {
    String text =
        PciTable.iommu(
            json(
                "{'translation':true,'rootTable':'0x1000','queuedInvalidation':true,"
                    + "'interruptRemapping':false,'interruptTable':'0x0','interruptEntries':2,"
                    + "'domains':[{'domain':3,'passesThrough':false,'table':'0x2000','levels':4,"
                    + "'pages':12,'complete':true,'functions':['0000:01:00.1']}],'refusals':1,"
                    + "'recent':[{'function':'0000:01:00.1','access':'write',"
                    + "'address':'0x5000','reason':5,'meaning':'the page may not be written'}]}"));
    assertThat(text)
        .contains("domain 3: 4 levels from 0x2000, 12 pages of 4 KiB mapped; 0000:01:00.1\n")
        .contains("  0000:01:00.1 write of 0x5000: the page may not be written (reason 0x5)\n");
  }
}
