#!/usr/bin/env bash
# What a person can do who has the README and curl: start a migration, follow it, understand one that
# is stuck, give it up, find out why the last one was slow, drain a host, and prove afterwards who did what.
#
#   ./mvnw spring-boot:run            in one shell
#   src/test/story/story.sh           in another
#
# F is the API; A and B are the agents of host-a and host-b, which are emulated here: only through
# them something can be made to go wrong.
set -euo pipefail
F=${F:-http://127.0.0.1:8080/api/v1}
A=${A:-http://127.0.0.1:9101/agent/v1}
B=${B:-http://127.0.0.1:9102/agent/v1}

say() { printf '\n=== %s\n\n' "$*"; }
# Prints a command as it would be typed, and what it answers.
run() {
  printf '$ curl %s\n' "$*" | sed "s|$F|\$F|; s|$A|\$A|; s|$B|\$B|"
  curl -sS --fail-with-body "$@"
  echo
}
# The first word of what was started is its id.
begin() {
  local shown
  shown=$(run -X POST "$@")
  printf '%s\n' "$shown" >&2
  sed -n '2s/ .*//p' <<<"$shown"
}
start() { begin "$F/migrations?o=text" "$@"; }
fault() {
  curl -sS --fail-with-body -o /dev/null -H 'Content-Type: application/json' -d "$2" \
    "$1/emulated/faults"
}

say "What is there?"
run "$F/hosts?o=text"
run "$F/hosts/host-a/devices?o=text"

say "Would it work, and how long would the guest be dark?"
run -X POST "$F/plans?o=text" -d vm=vm-demo -d source=host-a -d destination=host-b

say "Start it"
M=$(start -d vm=vm-demo -d source=host-a -d destination=host-b -d reason=OPS-412)

say "Follow it to its end"
curl -sN --max-time 5 "$F/migrations/$M/events?follow&o=text" || true   # a follower stays
run "$F/migrations/$M?wait=60s&until=done&o=text"

say "The way back gets stuck: gpu3 of host-b does not come to its stop. What is it waiting for?"
fault "$B" '{"device":"gpu3","fault":{"kind":"HANG","to":"STOP_COPY","occurrence":1,"errno":0,
  "after":0}}'
M=$(start -d vm=vm-demo -d source=host-b -d destination=host-a -d reason=OPS-413)
until curl -sS "$F/migrations/$M/explain?o=text" | grep -q 'gpu3.*to STOP_COPY'; do sleep 0.1; done
run "$F/migrations/$M/explain?o=text"

say "Give it up; then the device's call returns"
run -X POST "$F/migrations/$M/abort?o=text" -d reason=OPS-413-taken-back
curl -sS --fail-with-body -o /dev/null -X POST "$B/emulated/devices/gpu3/release"
run "$F/migrations/$M?wait=60s&until=done&o=text"

say "Once more; this time nic2 of host-b takes 700 ms to become quiet"
fault "$B" '{"device":"nic2","fault":{"kind":"HANG","to":"PRE_COPY_P2P","occurrence":1,"errno":0,
  "after":0,"duration":"PT0.7S"}}'
M=$(begin "$F/migrations/$M/retry?o=text")
run "$F/migrations/$M?wait=60s&until=done&o=text"

say "Why was the last one slow?"
run "$F/migrations?limit=3&o=text"
run "$F/migrations/$M/timeline?o=text"

say "host-a is to be switched off: who would go where, and what is in the way?"
run -X POST "$F/drains?dryRun=true&o=text" -d host=host-a

say "Drain it"
run -X POST "$F/drains?o=text" -d host=host-a -d reason=OPS-414
D=$(curl -sS --fail-with-body "$F/drains?host=host-a" | sed 's/.*"id":"\([a-z0-9]*\)".*/\1/')
until curl -sS "$F/drains/$D" | grep -q '"phase":"DRAINED"'; do sleep 0.2; done
run "$F/drains/$D?o=text"

say "May it be switched off?"
run "$F/hosts/host-a?o=text"

say "Who did what, and is the record whole?"
run "$F/audit?limit=20&o=text"
run "$F/migrations/$M/events?o=text"
run "$F/audit/verify?o=text"
