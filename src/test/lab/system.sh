#!/bin/bash
# Runs inside a lab host: gives it an operating system's ways. Its root becomes writable (in memory), and a
# systemd of its own rules a namespace of processes there, with the units of the machine outside.
#
#   system.sh begin LAUNCH...    start it; LAUNCH is what `aot-cache.sh` printed: the folder of its jar becomes
#                                /usr/lib/fermata, its options the JVM's. Returns when systemd runs
#   system.sh run SCRIPT         run a bash script in it, in the repository's folder
set -euo pipefail

lab=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=/run/lab/system
options=$(grep -v '^#' "$lab/jvm.options" | tr '\n' ' ')

inside() { # runs $@ there
  local first
  first=$(pgrep -o -x systemd)
  nsenter --target "$first" --pid --mount --root --wd -- "$@"
}

begin() { # $1: -XX:AOTCache=FILE, last: the jar
  local cache=${1#-XX:AOTCache=} jar=${*: -1}
  mkdir -p /run/lab/upper-root /sys/fs/cgroup "$root"
  mount -t tmpfs -o size=600m tmpfs /run/lab/upper-root
  mkdir /run/lab/upper-root/upper /run/lab/upper-root/work
  mount -t overlay -o lowerdir=/,upperdir=/run/lab/upper-root/upper,workdir=/run/lab/upper-root/work \
    overlay "$root"
  mount --rbind /dev "$root/dev"
  mount --rbind /sys "$root/sys"
  mount -t tmpfs -o mode=755 tmpfs "$root/run"
  mount --rbind /tmp "$root/tmp"
  mount --bind "$FERMATA_LAB_SHARE" "$root$FERMATA_LAB_SHARE"
  mount -t cgroup2 none "$root/sys/fs/cgroup"

  # What the page takes for granted: a JDK, the jar. Bound, as the unit hides /home and /tmp.
  mkdir -p "$root/usr/lib/fermata" "$root/etc/udev/rules.d" "$root/etc/systemd/system.conf.d"
  mount --bind "$(dirname "$jar")" "$root/usr/lib/fermata"
  ln -sfn "$JAVA_HOME/bin/java" "$root/usr/bin/java"
  # Under emulation a JVM without its cache takes minutes to start.
  options+="-XX:AOTCache=/usr/lib/fermata/$(basename "$cache")"
  printf '%s\n' "$options" >"$root/etc/lab-java"
  printf '[Manager]\nDefaultEnvironment="JDK_JAVA_OPTIONS=%s"\n' "$options" \
    >"$root/etc/systemd/system.conf.d/lab.conf"

  # Only what is asked for: no generators, and of what the machine outside has enabled nothing.
  mount -t tmpfs tmpfs "$root/usr/lib/systemd/system-generators"
  mount -t tmpfs tmpfs "$root/etc/systemd/system"
  printf '[Unit]\nDescription=The lab\nDefaultDependencies=no\n' >"$root/etc/systemd/system/lab.target"
  for unit in sysinit basic network-online; do
    # These pull in what belongs to a machine of metal.
    printf '[Unit]\nDefaultDependencies=no\n' >"$root/etc/systemd/system/$unit.target"
  done
  # A service with a /tmp of its own would wait until the machine's was swept, file by file.
  ln -s /dev/null "$root/etc/systemd/system/systemd-tmpfiles-setup.service"
  cd "$root"
  env -i container=lab PATH="$PATH" setsid unshare --pid --fork --mount-proc="$root/proc" \
    chroot "$root" /usr/lib/systemd/systemd --system --unit=lab.target --log-target=kmsg \
    --default-standard-output=kmsg --show-status=no >"$FERMATA_LAB_SHARE/system.log" 2>&1 </dev/null &
  local machine=$!
  while kill -0 "$machine" 2>/dev/null && [ "$SECONDS" -lt 240 ]; do
    case $(inside systemctl is-system-running 2>/dev/null || true) in
    running | degraded) inside systemctl start systemd-udevd; return ;;
    esac
    sleep 0.5
  done
  echo "system: systemd does not run after $SECONDS s" >&2
  cat "$FERMATA_LAB_SHARE/system.log" >&2
  dmesg | tail -n 20 >&2
  return 1
}

case $1 in
begin) shift; begin "$@" ;;
run) inside env JDK_JAVA_OPTIONS="$(cat "$root/etc/lab-java")" \
  bash -c "cd '$lab/../../..' && . '$2'" ;;
*) echo "system: unknown request $1" >&2; exit 1 ;;
esac
