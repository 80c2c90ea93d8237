package io.fermata.api.text;

import io.fermata.api.view.DrainView;
import io.fermata.api.view.InventoryView;
import io.fermata.device.Capabilities.Capability;
import io.fermata.drain.PowerOff;
import io.fermata.fleet.DeviceView;
import io.fermata.fleet.HostMarks;
import io.fermata.fleet.HostView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Hosts and devices as people read them. */
public final class InventoryText {
  private static final int[] HOSTS = {20, 11, 12, 8, 14, 7, 12};
  private static final int[] DEVICES = {14, 14, 18, 14, 7, 12, 8};

  private InventoryText() {}

  /** All hosts. */
  public static String hosts(List<HostView> hosts, Instant now) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("HOST", "AGENT", "VERSION", "SEEN", "PLACEABLE", "DEVICES", "LINK/s"));
    hosts.forEach(host -> rows.add(row(host, now)));
    Sheet sheet = new Sheet().table(HOSTS, rows);
    return sheet.next(
        hosts.isEmpty()
            ? "add hosts to the inventory file under config/"
            : Curl.get("/hosts/" + hosts.getFirst().name() + "/devices"));
  }

  /** One host. */
  public static String host(HostView host, Instant now) {
    return host(host, null, now);
  }

  /** One host that was judged, or was not. */
  public static String host(HostView host, @Nullable PowerOff judged, Instant now) {
    Sheet sheet = new Sheet();
    sheet.line(host.name() + "  agent " + host.state() + ", seen " + seen(host, now) + " ago");
    sheet.line("address     " + host.agent());
    sheet.line("data plane  " + (host.dataPlane() == null ? "?" : host.dataPlane()));
    sheet.line("version     " + (host.version() == null ? "?" : host.version()));
    sheet.line("link        " + Times.bytes(host.linkBytesPerSecond()) + "/s");
    sheet.line("placeable   " + (host.schedulable() ? "yes" : "no"));
    mark(sheet, "cordoned    ", host.marks().cordon(), now);
    mark(sheet, "quarantined ", host.marks().quarantine(), now);
    sheet.line("devices     " + host.devices().size());
    if (host.trouble() != null) {
      sheet.words("", "trouble     " + host.trouble());
    }
    if (judged != null) {
      DrainText.power(sheet, DrainView.PowerOffJson.of(judged), now);
    }
    return sheet.next(Curl.get("/hosts/" + host.name() + "/devices"));
  }

  private static void mark(Sheet sheet, String what, HostMarks.@Nullable Mark mark, Instant now) {
    if (mark != null) {
      String since = Times.span(InventoryView.age(mark.sinceMillis(), now));
      sheet.words("", what + "by " + mark.actor() + " " + since + " ago: " + mark.reason());
    }
  }

  /** Devices of one host or of all. */
  public static String devices(List<DeviceView> devices, Instant now) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("HOST", "DEVICE", "PROFILE", "STATE", "AGE", "OWNER", "OFFERS"));
    devices.forEach(device -> rows.add(row(device, now)));
    Sheet sheet = new Sheet().table(DEVICES, rows);
    for (DeviceView device : devices) {
      if (device.unavailable() != null) {
        sheet.words(
            "", device.host() + " " + device.name() + " unavailable: " + device.unavailable());
      }
    }
    String count = devices.size() == 1 ? "1 device" : devices.size() + " devices";
    sheet.line(count + " · offers: S stop-copy, P p2p, C pre-copy, L dma logging");
    return sheet.next(Curl.get("/migrations"));
  }

  private static List<String> row(HostView host, Instant now) {
    return List.of(
        host.name().value(),
        host.state().name(),
        host.version() == null ? "?" : host.version(),
        seen(host, now),
        host.schedulable() ? "yes" : "no",
        Integer.toString(host.devices().size()),
        Times.bytes(host.linkBytesPerSecond()));
  }

  private static List<String> row(DeviceView device, Instant now) {
    return List.of(
        device.host().value(),
        device.name().value(),
        device.profile(),
        device.state().name(),
        Times.span(InventoryView.age(device.stateSeenMillis(), now)),
        device.vm() == null ? "-" : device.vm(),
        offers(device));
  }

  private static String offers(DeviceView device) {
    StringBuilder letters = new StringBuilder();
    letter(letters, device, Capability.STOP_COPY, 'S');
    letter(letters, device, Capability.P2P, 'P');
    letter(letters, device, Capability.PRE_COPY, 'C');
    letter(letters, device, Capability.DMA_LOGGING, 'L');
    return letters.toString();
  }

  private static void letter(
      StringBuilder letters, DeviceView device, Capability capability, char letter) {
    letters.append(device.capabilities().has(capability) ? letter : '-');
  }

  private static String seen(HostView host, Instant now) {
    Long seen = host.seenMillis();
    return Times.span(age(seen, now));
  }

  private static @Nullable Long age(@Nullable Long seen, Instant now) {
    return seen == null ? null : (Long) InventoryView.age(seen, now);
  }
}
