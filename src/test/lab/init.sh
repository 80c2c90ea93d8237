#!/bin/bash
# First process of a lab host: mounts, devices, network, and a small supervisor for the agent.
#
# The supervisor is driven by files in SHARE/control, so that a test outside needs no shell inside. A
# file is removed when what it asks for is done (see README.md). It never restarts an agent by itself:
# a test that killed one decides when it comes back.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
share=$FERMATA_LAB_SHARE
mdev_type=/sys/class/mdev_bus/mtty/mdev_supported_types

mount_all() {
  mount -t proc proc /proc
  mount -t sysfs sysfs /sys
  mountpoint -q /dev || mount -t devtmpfs devtmpfs /dev
  mkdir -p /dev/shm /dev/pts
  mount -t tmpfs -o mode=1777 tmpfs /dev/shm
  mount -t devpts devpts /dev/pts
  mount -t debugfs debugfs /sys/kernel/debug
  mount -t tmpfs -o mode=755 tmpfs /run
  # Everything that lies under /tmp outside stays readable; what is written here goes to memory.
  mkdir -p /run/lab/upper /run/lab/work
  mount -t overlay -o lowerdir=/tmp,upperdir=/run/lab/upper,workdir=/run/lab/work overlay /tmp ||
    mount -t tmpfs -o mode=1777 tmpfs /tmp
  # No cache: a file written on one side is there for the other at once, and a write or an fsync
  # that returned has reached the file outside, so it survives even the end of QEMU.
  mkdir -p "$share"
  mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,cache=none share "$share"
}

start_network() {
  printf '%s' "$host_name" >/proc/sys/kernel/hostname
  # No name server: a look-up of the own name must not wait for an answer that never comes.
  printf '127.0.0.1 localhost %s\n' "$host_name" >/run/lab/hosts
  : >/run/lab/resolv.conf
  mount --bind /run/lab/hosts /etc/hosts
  mount --bind /run/lab/resolv.conf "$(readlink -f /etc/resolv.conf)"
  ip link set lo up
  ip address add 10.0.2.15/24 dev eth0
  ip link set eth0 up
  ip route add default via 10.0.2.2
}

create_devices() { # and complete the table with what the kernel named them
  local name uuid ports node
  while IFS=$'\t' read -r name uuid ports; do
    printf '%s' "$uuid" >"$mdev_type/mtty-$ports/create"
    node=$(echo "/sys/bus/mdev/devices/$uuid/vfio-dev/"*)
    printf '%s\t%s\t%s\t/dev/vfio/devices/%s\n' "$name" "$uuid" "$ports" "${node##*/}"
  done <"$share/devices.tsv" >/run/lab/devices.tsv
  cp /run/lab/devices.tsv "$share/devices.tsv"
}

note() { # of the agent's life, whole or not at all
  printf '%s\n' "$*" >"$share/agent.state.part"
  mv "$share/agent.state.part" "$share/agent.state"
}

agent=
start_agent() {
  [ -n "$agent" ] && return
  (cd "$share" && exec setsid bash "$share/agent-command") >>"$share/agent.log" 2>&1 </dev/null &
  agent=$!
  note "running $agent"
}

await_agent() {
  local code=0
  wait "$agent" 2>/dev/null || code=$?
  agent=
  note "ended $code"
}

signal_agent() { # $1: the signal for its whole process group
  [ -n "$agent" ] || return
  kill "-$1" -- "-$agent" 2>/dev/null || kill "-$1" "$agent" 2>/dev/null
  await_agent
}

run_script() { # $1: run.NAME, a shell script; leaves done.NAME (exit code) and out.NAME
  local tag=${1##*/run.}
  tag=${tag%.taken}
  (
    bash "$1" >"$share/out.$tag" 2>&1 </dev/null
    printf '%d\n' $? >"$share/done.$tag.part"
    mv "$share/done.$tag.part" "$share/done.$tag"
    rm -f "$1.taken"
  ) &
}

obey() { # $1: a file of the control directory
  case ${1##*/} in
  start-agent) start_agent ;;
  kill-agent) signal_agent KILL ;;
  stop-agent) signal_agent TERM ;;
  restart-agent) signal_agent KILL; start_agent ;;
  poweroff) signal_agent KILL; rm -f "$1"; sync; poweroff -f ;;
  run.*.taken | *.part) return ;;
  run.*) mv "$1" "$1.taken"; run_script "$1.taken"; return ;;
  *) printf 'lab: unknown request %s\n' "$1" ;;
  esac
  rm -f "$1"
}

mount_all
. "$share/host.env"
export JAVA_HOME=$java_home HOME=/run/lab FERMATA_LAB_HOST=$host_name FERMATA_LAB_RAM=/run/lab/ram
[ -n "$JAVA_HOME" ] && PATH=$JAVA_HOME/bin:$PATH
mkdir -p "$FERMATA_LAB_RAM"
start_network
create_devices
[ "$start_agent" = yes ] && start_agent
: >"$share/ready"
read -r uptime _ </proc/uptime
printf 'lab: %s is ready after %s s of its own time\n' "$host_name" "$uptime"

# A pipe that nobody writes to gives a pause without starting a process, which is slow under emulation.
mkfifo /run/lab/pause
exec 8<>/run/lab/pause
shopt -s nullglob
while :; do
  for request in "$share"/control/*; do obey "$request"; done
  if [ -n "$agent" ] && ! kill -0 "$agent" 2>/dev/null; then await_agent; fi
  read -r -t 0.1 -u 8
done
