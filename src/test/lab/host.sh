#!/bin/bash
# Boots one host of the kernel lab in QEMU, in the foreground, until it is powered off. See README.md.
#
#   host.sh --name NAME --share DIR [options] [-- AGENT-COMMAND ARGUMENT...]
#
#   --name NAME            the machine's host name; device UUIDs follow from it
#   --share DIR            writable directory, seen under the same path inside (created; must be empty of a live host)
#   --one-port N           mtty devices with one port, named first        (default 8)
#   --two-port N           mtty devices with two ports, named after those (default 0)
#   --forward OUT:IN       127.0.0.1:OUT outside leads to port IN inside (repeatable)
#   --memory MIB           default 1024          --cpus N   default 2
#   --kernel IMAGE         default: what `build-kernel.sh --cached` prints
#   --no-start             do not start the agent at boot; wait for `start-agent`
#   --until-eof            also end when standard input ends: nothing outlives the test that holds the pipe
#   --print-devices        print the device table (name, UUID, ports) and leave
#
# Prints `ready SECONDS` when the devices exist and the agent was started, `ended CODE` at the end.
# Exit codes: 0 powered off; 1 wrong use, or the machine died; 3 it did not get ready within 120 s.
set -euo pipefail

lab=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
name= share= kernel= memory=1024 cpus=2 one_port=8 two_port=0 start=yes until_eof=no print=no
forwards=()

fail() { printf 'host: %s\n' "$*" >&2; exit 1; }

value() { [ $# -ge 2 ] || fail "$1 needs a value"; }
while [ $# -gt 0 ]; do
  case $1 in
  --name) value "$@"; name=$2; shift 2 ;;
  --share) value "$@"; share=$2; shift 2 ;;
  --kernel) value "$@"; kernel=$2; shift 2 ;;
  --memory) value "$@"; memory=$2; shift 2 ;;
  --cpus) value "$@"; cpus=$2; shift 2 ;;
  --one-port) value "$@"; one_port=$2; shift 2 ;;
  --two-port) value "$@"; two_port=$2; shift 2 ;;
  --forward) value "$@"; forwards+=("$2"); shift 2 ;;
  --no-start) start=no; shift ;;
  --until-eof) until_eof=yes; shift ;;
  --print-devices) print=yes; shift ;;
  --) shift; break ;;
  *) fail "unknown option $1" ;;
  esac
done

devices() { # name, UUID, ports; the same for the same host name on every machine
  local prefix index
  prefix=$(printf '%s' "$name" | sha256sum)
  for ((index = 0; index < one_port + two_port; index++)); do
    printf 'mtty%d\t%.8s-0000-4000-8000-%012d\t%d\n' \
      "$index" "$prefix" "$index" $((index < one_port ? 1 : 2))
  done
}

[[ $name =~ ^[a-z][a-z0-9-]{0,30}$ ]] || fail "--name must be lower-case letters, digits and dashes"
((one_port + 2 * two_port <= 24)) || fail "mtty has 24 ports in all"
if [ "$print" = yes ]; then devices; exit; fi

[ -n "$share" ] || fail "--share is missing"
mkdir -p -- "$share"
share=$(CDPATH='' cd -- "$share" && pwd -P)
# The kernel's command line and QEMU's option lists both split at these.
[[ $share =~ ^[A-Za-z0-9_./+-]+$ ]] || fail "the path $share holds a character that the lab cannot pass on"
[ -n "$kernel" ] || kernel=$("$lab/build-kernel.sh" --cached) ||
  fail "there is no kernel yet; run $lab/build-kernel.sh"
if [ -f "$share/qemu.pid" ] && kill -0 "$(cat "$share/qemu.pid")" 2>/dev/null; then
  fail "a host already runs on $share"
fi

net=user,id=net0,ipv6=off,hostname=$name
for forward in "${forwards[@]}"; do
  [[ $forward =~ ^[0-9]+:[0-9]+$ ]] || fail "--forward takes OUTSIDE:INSIDE, not $forward"
  net+=,hostfwd=tcp:127.0.0.1:${forward%:*}-:${forward#*:}
done

# What the machine reads at boot. A test may rewrite agent-command before it asks for start-agent.
rm -rf -- "$share/control" "$share/ready" "$share/qemu.pid" "$share/agent.state" "$share/agent-command"
mkdir -- "$share/control"
devices >"$share/devices.tsv"
if [ $# -gt 0 ]; then
  { printf 'exec'; printf ' %q' "$@"; printf '\n'; } >"$share/agent-command"
fi
{
  printf 'host_name=%q\njava_home=%q\n' "$name" "${JAVA_HOME-}"
  if [ -f "$share/agent-command" ]; then printf 'start_agent=%q\n' "$start"; else printf 'start_agent=no\n'; fi
} >"$share/host.env"

arguments=(
  -name "fermata-lab-$name" -accel tcg,thread=multi -cpu max -smp "$cpus" -m "$memory"
  -no-reboot -display none -monitor none -nodefaults -serial "file:$share/console.log"
  -kernel "$kernel" -pidfile "$share/qemu.pid"
  # The outside's root, read-only. multidevs=remap: without it inode numbers of different file systems
  # collide and shared libraries fail to load.
  -fsdev local,id=root,path=/,security_model=none,readonly=on,multidevs=remap
  -device virtio-9p-pci,fsdev=root,mount_tag=rootfs
  -fsdev "local,id=share,path=$share,security_model=none"
  -device virtio-9p-pci,fsdev=share,mount_tag=share
  -netdev "$net" -device virtio-net-pci,netdev=net0,romfile=
  -device virtio-rng-pci
)
# hpet: QEMU drives it by the outside's clock. The TSC's rate is measured at boot, and on a busy machine
# that goes wrong: a host's clock was seen to run ten times too fast, and every lease in it ended early.
boot="console=ttyS0 quiet panic=-1 clocksource=hpet no_timer_check random.trust_cpu=on"
boot+=" root=rootfs rootfstype=9p ro"
boot+=" rootflags=trans=virtio,version=9p2000.L,msize=524288,cache=loose"
boot+=" init=$lab/init.sh FERMATA_LAB_SHARE=$share"

began=$(date +%s%N)
# The kernel ends QEMU when this script dies, even by kill -9.
setpriv --pdeathsig KILL qemu-system-x86_64 "${arguments[@]}" -append "$boot" \
  </dev/null >"$share/qemu.log" 2>&1 &
qemu=$!
trap 'kill -KILL "$qemu" 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM HUP

if [ "$until_eof" = yes ]; then
  { while read -r _; do :; done; kill -TERM $$ 2>/dev/null; } <&0 &
  watcher=$!
  trap 'kill -KILL "$qemu" 2>/dev/null || true; kill "$watcher" 2>/dev/null || true' EXIT
fi

for ((tick = 0; tick < 1200; tick++)); do
  [ -f "$share/ready" ] && break
  kill -0 "$qemu" 2>/dev/null || { cat "$share/qemu.log" >&2; fail "QEMU ended before the host was ready"; }
  sleep 0.1
done
if [ ! -f "$share/ready" ]; then
  printf 'host: %s is not ready after 120 s; the end of its console:\n' "$name" >&2
  tail -n 20 "$share/console.log" >&2
  exit 3
fi
taken=$((($(date +%s%N) - began) / 100000000))
printf 'ready %d.%d\n' $((taken / 10)) $((taken % 10))

code=0
wait "$qemu" || code=$?
rm -f -- "$share/qemu.pid"
printf 'ended %d\n' "$code"
exit $((code != 0))
