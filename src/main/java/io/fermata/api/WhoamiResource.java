package io.fermata.api;

import io.fermata.api.access.Caller;
import io.fermata.api.access.Duty;
import io.fermata.api.request.Given;
import io.fermata.api.text.Curl;
import io.fermata.api.text.Sheet;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Who the server takes the caller for, and what it lets him do. */
@RestController
class WhoamiResource {

  /** The caller for programs; the tenant is missing where all may be seen. */
  record Whoami(String name, String mechanism, List<String> roles, @Nullable String tenant) {
    static Whoami of(Caller caller) {
      return new Whoami(
          caller.name(),
          caller.mechanism().name().toLowerCase(Locale.ROOT),
          caller.duties().stream().map(Duty::word).sorted().toList(),
          caller.tenant());
    }
  }

  @GetMapping("/api/v1/whoami")
  Answer whoami(HttpServletRequest request) {
    Given.query(request).check();
    Whoami found = Whoami.of(Caller.current());
    String tenant = found.tenant() == null ? "every tenant" : "tenant " + found.tenant();
    Sheet sheet = new Sheet();
    sheet.line(found.name() + " (" + found.mechanism() + "), " + tenant);
    sheet.line("may: " + String.join(", ", found.roles()));
    return new Answer(found, sheet.next(Curl.get("/help")));
  }
}
