#!/usr/bin/env bash
# Builds the image of the Dockerfile without a container engine and runs both roles from it.
#
#   image.sh [JAR]
#
# as root; JAR is target/fermata.jar unless told otherwise. Needs buildah, iproute2 and curl.
#
# The base image is made here, of the local JDK and the C library and nothing else: no shell, no
# package, nothing pulled. The container is made by hand too (namespaces of its own, root file
# system read-only, the image's user, entry point and folder, a volume, a /tmp), so that what the
# image says is what runs. Says how large it is and how fast each start was, with the AOT cache and
# without.
set -euo pipefail

die() { echo "image: $*" >&2; exit 1; }

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
project=$(cd -- "$here/../../.." && pwd)
api=http://127.0.0.1:8080/api/v1

# ---- the image ----------------------------------------------------------------------------------

jdk() { # the first JDK of 25 or later
  local home version
  for home in "${JAVA_HOME-}" /usr/lib/jvm/*; do
    version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release" 2>/dev/null || true)
    if [[ -x $home/bin/jlink && ${version:-0} -ge 25 ]]; then
      echo "$home"
      return
    fi
  done
  die "no JDK 25 found; set JAVA_HOME"
}

base() { # an image context in $1: a JRE and the C library
  local root=$1/rootfs home
  home=$(jdk)
  mkdir -p "$root"/{dev,etc,lib64,proc,tmp}
  chmod 1777 "$root/tmp"
  "$home/bin/jlink" --output "$root/opt/java" --add-modules java.se,jdk.management,jdk.unsupported \
    --strip-debug --no-man-pages --no-header-files --generate-cds-archive >/dev/null
  ldd "$home/bin/java" "$home/lib/server/libjvm.so" |
    awk '$2 == "=>" && $3 !~ /jvm/ { print $3 } $1 ~ /^\/.*ld-/ { print $1 }' | sort -u |
    while read -r library; do install -D -- "$library" "$root$library"; done
  echo 'root:x:0:0::/:/nonexistent' >"$root/etc/passwd"
  echo 'root:x:0:' >"$root/etc/group"
  printf 'FROM scratch\nCOPY rootfs /\nENV PATH=/opt/java/bin\n' >"$1/Dockerfile"
}

build() { # of $jar, below $work; leaves a writable tree of it at $work/tree
  local store=(--root "$work/store" --runroot "$work/run" --storage-driver vfs)
  local image=localhost/fermata:test from container
  mkdir -p "$work/base" "$work/context/target"
  base "$work/base"
  buildah "${store[@]}" build -q --isolation chroot -t localhost/base:1 "$work/base" >/dev/null
  cp -- "$project/Dockerfile" "$project/.dockerignore" "$work/context/"
  cp -- "$jar" "$work/context/target/fermata.jar"
  buildah "${store[@]}" build --isolation chroot --build-arg BASE=localhost/base:1 -t "$image" \
    "$work/context" >"$work/build.log" 2>&1 || { tail -n 30 "$work/build.log" >&2; die "no image"; }
  buildah "${store[@]}" images --format '{{.Name}} {{.Size}}' | sed 's/^/image: /'
  told() { buildah "${store[@]}" inspect --type image --format "$1" "$image" | sed '/^$/d'; }
  told '{{range .OCIv1.Config.Entrypoint}}{{println .}}{{end}}' >"$work/entrypoint"
  told '{{range .OCIv1.Config.Cmd}}{{println .}}{{end}}' >"$work/cmd"
  told '{{.OCIv1.Config.User}}' >"$work/user"
  told '{{.OCIv1.Config.WorkingDir}}' >"$work/folder"
  from=$(buildah "${store[@]}" from --pull-never "$image")
  container=$(buildah "${store[@]}" mount "$from")
  ln -s "$container" "$work/tree"
}

# ---- the container ------------------------------------------------------------------------------

# Run by unshare in namespaces of its own: contained WORK NAME [ARGUMENT...]
contained() {
  local work=$1 name=$2 tree folder device uid gid
  shift 2
  tree=$(readlink -f -- "$work/tree")
  folder=$(cat "$work/folder")
  mount --make-rprivate /
  mount --bind "$tree" "$tree"
  mount -t proc proc "$tree/proc"
  mount -t tmpfs -o mode=755 dev "$tree/dev"
  for device in null zero random urandom; do
    touch "$tree/dev/$device"
    mount --bind "/dev/$device" "$tree/dev/$device"
  done
  mount -t tmpfs -o mode=1777 tmp "$tree/tmp"
  mkdir -p "$work/volume-$name"
  chown --reference="$tree$folder" "$work/volume-$name" # as an engine does with a new volume
  mount --bind "$work/volume-$name" "$tree$folder"
  mount -o remount,bind,ro "$tree"
  mapfile -t entrypoint <"$work/entrypoint"
  # As the last step, and by exec, so that java is process 1 there, as in any container.
  uid=$(cut -d: -f1 "$work/user") gid=$(cut -d: -f2 "$work/user")
  exec env -i "JAVA_TOOL_OPTIONS=$options" /usr/bin/setpriv --clear-groups \
    /usr/bin/unshare --root="$tree" --wd="$folder" --setgid "$gid" --setuid "$uid" \
    "/opt/java/bin/${entrypoint[0]}" "${entrypoint[@]:1}" "$@"
}

start() { # NAME PORT JVM-OPTION [ARGUMENT...]
  local name=$1 port=$2
  export options=$3
  shift 3
  unshare --mount --pid --fork --kill-child \
    "$BASH" "$here/image.sh" --contained "$work" "$name" "$@" >"$work/$name.log" 2>&1 &
  outer=$!
  for ((i = 0; i < 300; i++)); do
    if curl -sf -o "$work/ready" "http://127.0.0.1:$port/readyz"; then
      inner=$(pgrep -P "$outer")
      return
    fi
    kill -0 "$outer" 2>/dev/null || { cat "$work/$name.log" >&2; die "$name ended by itself"; }
    sleep 0.3
  done
  cat "$work/$name.log" >&2
  die "$name is not ready after 90 s"
}

stop() { # NAME: asks it to end as an engine does, and tells how its start went
  local status=0
  kill -TERM "$inner"
  wait "$outer" || status=$?
  outer=
  ((status == 143)) || { cat "$work/$1.log" >&2; die "$1 ended with $status, not with 143"; }
  awk -v who="image: $1 ($options)" '/Started Fermata in/ { sub(/\)$/, ""); ready = $NF }
    END { print who ": ready after", ready, "s" }' "$work/$1.log"
}

check() {
  local uid id
  # Whatever ends this ends the container too: process 1 there dies with its unshare.
  trap '[[ -z ${outer-} ]] || kill -KILL "$outer" 2>/dev/null || true' EXIT
  ip link set lo up
  # AOTMode=on: a cache that does not fit this JVM, these jars and paths is an error, not slowness.
  mapfile -t cmd <"$work/cmd"
  start orchestrator 8080 -XX:AOTMode=on "${cmd[@]}" --fermata.insecure-bind=true
  uid=$(awk '/^Uid:/ {print $2}' "/proc/$inner/status")
  [[ $uid == 10001 ]] || die "it runs as $uid"
  awk '$5 == "/" && $6 ~ /(^|,)ro(,|$)/ { found = 1 } END { exit !found }' \
    "/proc/$inner/mountinfo" || die "its root can be written to"
  curl -sf http://127.0.0.1:8080/livez >/dev/null || die "/livez of the orchestrator"
  curl -sf "$api/migrations" -d vm=vm-demo -d source=host-a -d destination=host-b >"$work/moved"
  id=$(sed -n 's/.*"id":"\([^"]*\)".*/\1/p' "$work/moved" | head -n 1)
  curl -sf "$api/migrations/$id?wait=60s&until=done" | grep -q '"outcome":"SUCCEEDED"' ||
    die "the demonstration's set did not move: $(curl -s "$api/migrations/$id/explain?o=text")"
  echo "image: moved the demonstration's 17 devices"
  stop orchestrator
  [[ -s $work/volume-orchestrator/data/journal/fermata.db ]] || die "no journal in the volume"

  local agent=(agent --fermata.agent.host=host-c --fermata.agent.backend=emulated
    --fermata.agent.directory=/var/lib/fermata/slate)
  start agent 8090 -XX:AOTMode=on "${agent[@]}"
  curl -sf http://127.0.0.1:8090/livez >/dev/null || die "/livez of the agent"
  [[ -d $work/volume-agent/slate ]] || die "no slate in the volume"
  stop agent

  # The same without the cache, for comparison only.
  start orchestrator 8080 -XX:AOTMode=off "${cmd[@]}" --fermata.insecure-bind=true
  stop orchestrator
  start agent 8090 -XX:AOTMode=off "${agent[@]}"
  stop agent
}

# ---- the run ------------------------------------------------------------------------------------

case ${1-} in
  --contained) shift; contained "$@"; exit ;;
  --check) work=$2; check; exit ;;
esac
((EUID == 0)) || die "run it as root"
jar=${1:-$project/target/fermata.jar}
[[ -f $jar ]] || die "there is no $jar; ./mvnw package makes it"
for tool in buildah ip curl unshare setpriv pgrep; do
  command -v "$tool" >/dev/null || die "needs $tool"
done
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
build
# A network and mounts of its own: the usual ports are free there, and nothing is left behind.
unshare --net --mount "$BASH" "$here/image.sh" --check "$work"
echo "image: both roles ran, read-only and as nobody in particular"
