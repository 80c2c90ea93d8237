#!/bin/bash
# Stops the lab hosts of the given shared directories: asks for a power-off, and after 20 s ends QEMU.
#
#   stop.sh SHARE...
#
# Ends only a process that is QEMU and names the shared directory, so a stale pid file harms nobody.
set -euo pipefail

alive() { # the host of $1
  local pid
  pid=$(cat "$1/qemu.pid" 2>/dev/null) || return 1
  tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -q "qemu-system.*path=$1,"
}

for share in "$@"; do
  share=$(CDPATH='' cd -- "$share" && pwd -P)
  alive "$share" || continue
  : >"$share/control/poweroff"
  for ((tick = 0; tick < 200; tick++)); do
    alive "$share" || continue 2
    sleep 0.1
  done
  if pid=$(cat "$share/qemu.pid" 2>/dev/null) && alive "$share"; then
    printf 'stop: the host of %s did not power off; ending QEMU\n' "$share" >&2
    kill -KILL "$pid"
  fi
done
