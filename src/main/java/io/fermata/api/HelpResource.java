package io.fermata.api;

import io.fermata.api.request.Given;
import io.fermata.api.text.Curl;
import io.fermata.api.text.Sheet;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The curl cookbook; text unless JSON is asked for. */
@RestController
class HelpResource {
  private static final String COOKBOOK =
      """
      Fermata moves the devices of a VM from one host to another through a two-phase barrier.
      F is the base address, such as http://127.0.0.1:8080/api/v1; M is a migration's id or any
      unique beginning of it. Add ?o=text or -H 'Accept: text/plain' to read, nothing for JSON.

      look around     curl "$F/hosts?o=text"
                      curl "$F/hosts/HOST/devices?o=text"
                      curl "$F/devices?state=error&o=text"
      would it work?  curl "$F/plans?o=text" -d vm=VM -d source=A -d destination=B
      start           curl "$F/migrations?o=text" -d vm=VM -d source=A -d destination=B \\
                        -d blackoutBudgetMs=850 -H "Idempotency-Key: $(uuidgen)"
                      the same with ?dryRun=true checks and starts nothing
      list            curl "$F/migrations?phase=active&o=text"
                      filters: vm host phase outcome since until (6h, or 2026-11-23T04:00:00Z)
                      limit cursor
      show            curl "$F/migrations/$M?o=text"
      wait for it     curl "$F/migrations/$M?wait=30s&until=done&o=text"
      what now?       curl "$F/migrations/$M/explain?o=text"
      where time went curl "$F/migrations/$M/timeline?o=text"     (o=wide: every hop)
                      curl "$F/migrations/$M/timeline?o=svg" > t.svg
                      curl "$F/migrations/$M/timeline?o=trace" > t.json   (ui.perfetto.dev)
      follow          curl -N "$F/migrations/$M/events?follow&o=text"
      follow all      curl -N "$F/events?follow&o=text"
      give up         curl -X POST $F/migrations/$M/abort -d reason=WHY
      barrier now     curl -X POST $F/migrations/$M/switchover
      more blackout   curl -X PATCH $F/migrations/$M -d blackoutBudgetMs=1500
      who has it?     curl "$F/migrations/$M/resolve?dryRun=true&o=text" -d keep=source \
                        -d evidence=BMC-off-1842 -d reason=WHY      (only in NEEDS_OPERATOR)
                      the same without dryRun, with -H 'If-Match: "VERSION"' -d confirm=WORD
      why does it wait? curl "$F/queue?o=text"       curl "$F/limits?o=text"
      more at once    curl -X PUT $F/limits -H 'If-Match: "VERSION"' -d perSource=4
                      (cluster perSource perDestination perPair blackouts queued)
      let it by       curl -X PATCH $F/migrations/$M -d priority=emergency   (while QUEUED)
      start nothing   curl -X PUT $F/admission -d state=paused -d reason=WHY -d expiry=2h
      stop them all   curl "$F/migrations/-/abort?phase=precopying&dryRun=true&o=text" -d reason=WHY
                      the same without dryRun, with -H 'If-Match: "VERSION"' -d confirm=WORD
      add a host      curl -X PUT $F/hosts/H -d agent=https://H:8090 -d reason=WHY
                      (peer labels schedulable linkBytesPerSecond; to change one: If-Match)
      retire one      curl -X DELETE "$F/hosts/H?reason=WHY" -H 'If-Match: "VERSION"'
      empty a host    curl -X POST $F/hosts/H/cordon -d reason=WHY     (…/uncordon takes it back)
                      the whole of it, at first what would be done and what is in the way:
                      curl "$F/drains?dryRun=true&o=text" -d host=H
                      curl "$F/drains?o=text" -d host=H -d reason=WHY -d concurrency=2
                      (exclude=VM,VM destinations=H,H priority blackoutBudgetMs onBudgetExceeded)
                      curl "$F/drains/$D?o=text"       (also: may it be switched off?)
                      curl -X POST $F/drains/$D/pause     …/resume   …/cancel?children=abort
      distrust one    curl "$F/hosts/H/quarantine?dryRun=true&o=text" -d reason=WHY
                      the same without dryRun, with If-Match and confirm; …/unquarantine
      reset a device  curl "$F/hosts/H/devices/D/reset?dryRun=true&o=text" -d reason=WHY
                      a guest's, in ERROR: with -d allowGuestImpact=true, If-Match and confirm
      who drives it?  curl "$F/replicas?o=text"
      older journal?  curl "$F/recovery?o=text"     (after a backup was restored)
                      curl -X POST "$F/recovery/accept?dryRun=true&o=text" -d reason=WHY
                      the same without dryRun, with -H 'If-Match: "VERSION"' -d confirm=WORD
      once more       curl -X POST $F/migrations/$M/retry -d destination=C

      what happened   curl "$F/migrations/$M/events?o=text"   curl "$F/events?after=SEQ&o=text"
      who did it?     curl "$F/audit?subject=ID&since=6h&o=text"
                      filters: actor action subject decision since until limit cursor
      was it changed? curl "$F/audit/verify?o=text"

      tell others     curl "$F/subscriptions?o=text" -d url=https://HOST/PATH   (a webhook)
                      curl -X POST "$F/subscriptions/ID/redeliver?o=text"
      send to helpers curl -s "$F/migrations/$M/bundle" -o bundle.zip   (no secrets in it)
      for programs    curl "$F/openapi.yaml"
      alert?          curl $F/runbooks/ALERT    metrics: curl http://HOST:PORT/actuator/prometheus

      Phases: QUEUED CHECKING PREPARING PRECOPYING QUIESCING FREEZING COPYING SEALING RESUMING
      CLEANING DONE, and beside them ROLLING_BACK and NEEDS_OPERATOR.
      Outcomes: SUCCEEDED ROLLED_BACK CANCELLED FAILED RESOLVED.
      Errors are problem documents (RFC 9457): code for programs, violations[] per field, next[].
      """;

  /** The cookbook for programs. */
  record Help(List<String> lines) {}

  @GetMapping(
      path = "/api/v1/help",
      produces = {"text/plain;charset=UTF-8", MediaType.APPLICATION_JSON_VALUE})
  Answer help(HttpServletRequest request) {
    Given.query(request).check();
    Sheet sheet = new Sheet();
    COOKBOOK.lines().forEach(sheet::line);
    return new Answer(new Help(COOKBOOK.lines().toList()), sheet.next(Curl.get("/hosts")));
  }
}
