package io.fermata.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fermata.api.request.Given;
import io.fermata.api.text.ExplainText;
import io.fermata.api.text.TimelineText;
import io.fermata.api.view.EventView;
import io.fermata.api.view.ExplainView;
import io.fermata.api.view.InventoryView.DeviceJson;
import io.fermata.api.view.InventoryView.HostJson;
import io.fermata.api.view.MigrationView;
import io.fermata.api.view.Scene;
import io.fermata.api.view.Scenes;
import io.fermata.api.view.TimelineView;
import io.fermata.fleet.HostView;
import io.fermata.handover.MigrationId;
import io.fermata.migration.Live;
import io.fermata.migration.Migrations;
import io.fermata.migration.Migrations.Happening;
import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/**
 * Everything that is known of one migration, as a zip to send to whoever helps. Only what the API
 * shows anyway goes in, and of the configuration only what {@link PlainSettings} lets through: no
 * secret, no device state.
 */
@RestController
class BundleResource {
  private static final MediaType ZIP = MediaType.valueOf("application/zip");
  private static final int PAGE = 500;
  private static final int EVENTS_MAX = 20_000;

  private final Ids ids;
  private final Scenes scenes;
  private final Migrations migrations;
  private final PlainSettings settings;

  BundleResource(Ids ids, Scenes scenes, Migrations migrations, PlainSettings settings) {
    this.ids = ids;
    this.scenes = scenes;
    this.migrations = migrations;
    this.settings = settings;
  }

  @GetMapping("/api/v1/migrations/{m}/bundle")
  ResponseEntity<byte[]> bundle(@PathVariable String m, HttpServletRequest request)
      throws IOException {
    Given.query(request).check();
    Live live = ids.find(m);
    String id = ids.cut(live.migration().id());
    return ResponseEntity.ok()
        .contentType(ZIP)
        .header("Content-Disposition", "attachment; filename=\"fermata-" + id + ".zip\"")
        .body(zip(files(live, id)));
  }

  private Map<String, byte[]> files(Live live, String id) {
    Scene scene = scenes.of(live);
    TimelineView timeline = TimelineView.of(scene);
    ExplainView explain = ExplainView.of(scene);
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("migration.json", Json.indented(MigrationView.of(scene)));
    files.put("events.ndjson", events(live.migration().id()));
    files.put("timeline.json", Json.indented(timeline));
    files.put("timeline.txt", TimelineText.wide(timeline, id).getBytes(UTF_8));
    files.put("explain.json", Json.indented(explain));
    files.put("explain.txt", ExplainText.of(explain, id).getBytes(UTF_8));
    files.put("hosts.json", Json.indented(hosts(scene)));
    files.put("settings.json", Json.indented(settings.shown()));
    files.put("versions.json", Json.indented(versions(scene)));
    return files;
  }

  private byte[] events(MigrationId id) {
    StringBuilder lines = new StringBuilder();
    long after = 0;
    int count = 0;
    List<Happening> page = migrations.history(id, after, PAGE);
    while (!page.isEmpty() && count < EVENTS_MAX) {
      page.forEach(event -> lines.append(Json.text(EventView.of(event))).append('\n'));
      count += page.size();
      after = page.getLast().seq();
      page = migrations.history(id, after, PAGE);
    }
    return lines.toString().getBytes(UTF_8);
  }

  /** A host with its devices. */
  private record Whole(HostJson host, List<DeviceJson> devices) {}

  private static List<Whole> hosts(Scene scene) {
    List<Whole> all = new ArrayList<>();
    for (HostView host : known(scene)) {
      var devices =
          host.devices().stream().map(device -> DeviceJson.of(device, scene.now())).toList();
      all.add(new Whole(HostJson.of(host, scene.now()), devices));
    }
    return all;
  }

  private static List<HostView> known(Scene scene) {
    List<HostView> known = new ArrayList<>();
    if (scene.source() != null) {
      known.add(scene.source());
    }
    if (scene.destination() != null) {
      known.add(scene.destination());
    }
    return known;
  }

  private static Map<String, String> versions(Scene scene) {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("time", scene.now().toString());
    versions.put("java", Runtime.version().toString());
    known(scene)
        .forEach(host ->
            versions.put("agent " + host.name(), host.version() == null ? "?" : host.version()));
    return versions;
  }

  private static byte[] zip(Map<String, byte[]> files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        ZipEntry entry = new ZipEntry(file.getKey());
        entry.setTime(0);
        zip.putNextEntry(entry);
        zip.write(file.getValue());
        zip.closeEntry();
      }
    }
    return bytes.toByteArray();
  }
}
