package io.fermata.drain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fermata.device.DeviceState;
import io.fermata.drain.Blocker.Code;
import io.fermata.fleet.DeviceView;
import io.fermata.fleet.HostMarks;
import io.fermata.fleet.HostView.AgentState;
import io.fermata.handover.MigrationId;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * A host is safe to power off only where every single fact that could speak against it is known.
 */
class PowerOffTest {
  private final Site site = new Site().host(Site.A, "gpu0", "nic0").host(Site.B, "gpu0");

  private List<Code> reasons() {
    PowerOff said = site.powerOff(Site.A, Set.of("stays"));
    assertEquals(said.reasons().isEmpty(), said.safe());
    said.reasons().forEach(reason -> assertTrue(reason.next().startsWith("curl "), reason::next));
    return said.reasons().stream().map(Blocker::code).toList();
  }

  private void empty() {
    site.cordon(Site.A, site.now - 60_000);
  }

  private void gpu(UnaryOperator<DeviceView> how) {
    site.change(Site.A, "gpu0", how);
  }

  @Test
  void anEmptyCordonedHostWhoseAgentSaysSoIsSafe() {
    empty();
    assertEquals(List.of(), reasons());
  }

  @Test
  void oneThatMayGetMoreIsNot() {
    assertEquals(List.of(Code.NOT_CORDONED), reasons());
    site.cordon(Site.A, site.now - 100);
    assertEquals(List.of(Code.NOT_CORDONED), reasons());
  }

  @Test
  void silenceProvesNothing() {
    empty();
    site.agentSilent = true;
    assertEquals(List.of(Code.AGENT_SILENT), reasons());
  }

  @Test
  void theWordOfAnAgentThatIsQuietOrNotTrustedProvesNothing() {
    empty();
    site.state(Site.A, AgentState.QUIET);
    assertEquals(List.of(Code.AGENT_QUIET), reasons());
    site.state(Site.A, AgentState.READY);
    var mark = new HostMarks.Mark("me", "strange", 1);
    var marks = site.hosts.get(Site.A).marks();
    site.hosts.put(
        Site.A, site.hosts.get(Site.A).marked(new HostMarks(marks.cordon(), mark, null, 2)));
    assertEquals(List.of(Code.AGENT_QUARANTINED), reasons());
  }

  @Test
  void aDeviceThatSomebodyHasSpeaksAgainstIt() {
    empty();
    gpu(d -> site.device(Site.A, "gpu0", "vm1"));
    assertEquals(List.of(Code.VM_OWNED), reasons());
    gpu(d -> site.device(Site.A, "gpu0", "stays"));
    assertEquals(List.of(Code.VM_EXCLUDED), reasons());
    gpu(d -> Site.with(site.device(Site.A, "gpu0", null), Site.ALL, DeviceState.STOP, "m001"));
    assertEquals(List.of(Code.CLAIMED), reasons());
  }

  @Test
  void aDeviceOfWhichNobodyKnowsSpeaksAgainstIt() {
    empty();
    gpu(d -> Site.with(d, Site.ALL, DeviceState.UNKNOWN, null));
    assertEquals(List.of(Code.DEVICE_UNKNOWN), reasons());
    gpu(d -> Site.with(d, Site.ALL, DeviceState.RUNNING, null));
    site.now += 60_000; // and it was read that long ago
    assertEquals(List.of(Code.DEVICE_UNKNOWN, Code.DEVICE_UNKNOWN), reasons());
  }

  @Test
  void anOpenMigrationFromOrToItSpeaksAgainstIt() {
    empty();
    var order = site.drain(Site.terms(1)).order("vm1", Site.B, List.of());
    site.put(site.fresh(new MigrationId("m0010000"), order));
    assertEquals(List.of(Code.MIGRATION_OPEN), reasons());
  }

  @Test
  void safeWithAReasonAgainstItCannotEvenBeSaid() {
    gpu(d -> site.device(Site.A, "gpu0", "vm1"));
    List<Blocker> against = site.powerOff(Site.A, Set.of()).reasons();
    assertThrows(IllegalArgumentException.class, () -> new PowerOff(true, against, 1, null, 1));
  }
}
