#!/bin/bash
# Tells a running lab host to do something and waits until it is done.
#
#   tell.sh SHARE start-agent | kill-agent | stop-agent | restart-agent | poweroff
#   tell.sh SHARE run 'SHELL COMMANDS'     prints their output, exits with their code
#
# Exit codes besides those of `run`: 124 no answer within ${FERMATA_LAB_PATIENCE:-60} s.
set -euo pipefail

share=$1 request=$2
patience=$((10 * ${FERMATA_LAB_PATIENCE:-60}))

gone() { [ ! -e "$1" ]; }
exists() { [ -e "$1" ]; }
await() { # until the condition holds
  local tick
  for ((tick = 0; tick < patience; tick++)); do
    "$@" && return
    sleep 0.1
  done
  printf 'tell: no answer from the host of %s to %s\n' "$share" "$request" >&2
  exit 124
}

if [ "$request" != run ]; then
  : >"$share/control/$request"
  await gone "$share/control/$request"
  exit
fi
tag=$$.$RANDOM
printf '%s\n' "$3" >"$share/control/$tag.part"
mv "$share/control/$tag.part" "$share/control/run.$tag"
await exists "$share/done.$tag"
cat "$share/out.$tag"
code=$(cat "$share/done.$tag")
rm -f -- "$share/out.$tag" "$share/done.$tag"
exit "$code"
