#!/bin/bash
# Builds the lab's kernel and prints the path of the image as the last line of standard output.
#
#   build-kernel.sh            build if it is not cached yet, print the path
#   build-kernel.sh --cached   never build: print the path, or exit 1 if there is none
#   build-kernel.sh --missing  print the Debian packages that are not installed, one a line
#
# The image is cached under ${FERMATA_LAB_CACHE:-$HOME/.cache/fermata-lab}, named by a hash over the
# configuration fragment, the version of the source package and the recipe below. Nothing is installed.
# Exit codes: 0 built or cached; 1 failed, or --cached found nothing; 2 packages are missing.
set -euo pipefail

lab=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
cache=${FERMATA_LAB_CACHE:-$HOME/.cache/fermata-lab}
source_package=linux-source-6.12
archive=/usr/src/$source_package.tar.xz
recipe=1 # raise it when the steps in build() change what they produce
# Without one of these the lab cannot do its work; better to stop here than in a machine that boots.
essential='VFIO_DEVICE_CDEV IOMMUFD SAMPLE_VFIO_MDEV_MTTY VIRTIO_NET 9P_FS NET_9P_VIRTIO TMPFS FUTEX'

say() { printf 'build-kernel: %s\n' "$*" >&2; }

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

missing() {
  local package
  grep -v '^#' "$lab/packages.txt" | while read -r package; do
    installed "$package" || printf '%s\n' "$package"
  done
}

require_packages() {
  local absent
  absent=$(missing | tr '\n' ' ')
  [ -z "$absent" ] && return
  say "these Debian packages are missing: $absent"
  say "install them as root: apt-get update && apt-get install -y --no-install-recommends $absent"
  exit 2
}

image_path() {
  local version hash
  version=$(dpkg-query -W -f '${Version}' "$source_package" 2>/dev/null) || return 1
  hash=$(printf '%s\n%s\n' "$recipe" "$version" | cat - "$lab/kernel.config" | sha256sum)
  printf '%s/kernel-%.16s.bzImage\n' "$cache" "$hash"
}

configure() { # in the source tree at $1
  make -C "$1" -s tinyconfig
  (cd "$1" && scripts/kconfig/merge_config.sh -m .config "$lab/kernel.config" >/dev/null)
  make -C "$1" -s olddefconfig
  local symbol
  for symbol in $essential; do
    grep -q "^CONFIG_$symbol=y\$" "$1/.config" && continue
    say "the source does not accept CONFIG_$symbol=y; kernel.config lacks something it depends on"
    return 1
  done
}

build() { # the image at $1, in the scratch directory $2
  local start=$SECONDS
  export KBUILD_BUILD_USER=lab KBUILD_BUILD_HOST=lab KBUILD_BUILD_TIMESTAMP='2025-01-01 00:00:00'
  say "unpacking $archive"
  tar -xJf "$archive" -C "$2" --strip-components=1
  configure "$2"
  say "compiling; 7 to 10 minutes on two cores (log: $cache/build.log)"
  # In the background, in a session of its own, so that the trap can end all of it at once.
  setsid nice -n 10 make -C "$2" -j"${FERMATA_LAB_JOBS:-2}" bzImage >"$cache/build.log" 2>&1 9>&- &
  make=$!
  if ! wait "$make"; then
    make=
    tail -n 20 "$cache/build.log" >&2
    say "the kernel did not compile"
    return 1
  fi
  make=
  # A rename is atomic: another run sees the whole image or none.
  cp "$2/arch/x86/boot/bzImage" "$1.part"
  mv "$1.part" "$1"
  say "built in $((SECONDS - start)) s"
}

case ${1-} in
--missing) missing; exit ;;
--cached) image=$(image_path) && [ -s "$image" ] && printf '%s\n' "$image"; exit ;;
'') ;;
*) say "unknown option $1"; exit 1 ;;
esac

# A cached image needs only the source package's version, not the compilers.
if image=$(image_path) && [ -s "$image" ]; then
  printf '%s\n' "$image"
  exit
fi
require_packages
image=$(image_path)
mkdir -p "$cache"
exec 9>"$cache/build.lock"
flock -n 9 || { say "another run is building; waiting for it"; flock 9; }
if [ ! -s "$image" ]; then
  # Under the lock nobody else builds, so what lies here was left by a run that was killed.
  rm -rf -- "$cache"/scratch.*
  scratch=$(mktemp -d "$cache/scratch.XXXXXX")
  make=
  trap '[ -z "$make" ] || kill -KILL -- "-$make" 2>/dev/null || :; rm -rf -- "$scratch"' EXIT
  trap 'exit 130' INT TERM HUP
  build "$image" "$scratch"
fi
printf '%s\n' "$image"
