#!/bin/bash
# Runs the probe inside a running lab host: run.sh SHARE [MODE ARGUMENT...], by default the whole proof.
#
#   run.sh /tmp/a                                  prove: migration and the negative cases
#   run.sh /tmp/a state /dev/vfio/devices/vfio0    see Probe.java for the other modes
#
# No agent may hold the devices meanwhile: a device has one owner.
set -euo pipefail

probe=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
share=$(CDPATH='' cd -- "$1" && pwd -P)
shift
[ $# -gt 0 ] || set -- prove "$share/devices.tsv"
classes=$share/probe
# Compiled outside: under emulation the compiler alone takes longer than the whole proof.
if [ ! "$classes/Probe.class" -nt "$probe/Probe.java" ]; then
  "${JAVA_HOME:+$JAVA_HOME/bin/}javac" -d "$classes" "$probe"/*.java
fi
"$probe/../tell.sh" "$share" run "java @$probe/../jvm.options -cp $classes Probe $(printf ' %q' "$@")"
