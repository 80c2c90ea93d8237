package io.fermata.api;

import io.fermata.api.request.Given;
import io.fermata.api.view.ReplicaView;
import io.fermata.migration.Owners;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The replicas: who lives, and who owns what. */
@RestController
@RequestMapping("/api/v1/replicas")
class ReplicaResource {
  private final Owners owners;

  ReplicaResource(Owners owners) {
    this.owners = owners;
  }

  /** What a list looks like. */
  record Items(List<ReplicaView> items) {}

  @GetMapping
  Answer list(HttpServletRequest request) {
    Given.query(request).check();
    List<ReplicaView> items =
        owners.all().stream().map(holding -> ReplicaView.of(holding, owners.self())).toList();
    return new Answer(new Items(items), ReplicaView.text(items));
  }
}
