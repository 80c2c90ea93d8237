#!/bin/bash
# Prepares a Spring Boot jar for a quick start inside a lab host: unpacks it and trains an AOT cache.
#
#   aot-cache.sh JAR DIR [APPLICATION-ARGUMENT...]
#
# Runs the application once, outside, until its context is refreshed; give the arguments that make it
# come up without real devices. Prints what follows `java @jvm.options`, as the last line. DIR must be
# an absolute path that a host sees under the same name (see README.md); the cache holds that path.
set -euo pipefail

lab=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
jar=$1 directory=$2
shift 2
[ "${directory#/}" != "$directory" ] || { echo "aot-cache: $directory is not absolute" >&2; exit 1; }
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
unpacked=$directory/$(basename -- "$jar")
cache=$directory/application.aot

# By content: builds of one commit have one date.
sum=$(sha256sum <"$jar")
if [ ! -s "$cache" ] || [ "$(cat "$directory/jar.sum" 2>/dev/null)" != "$sum" ]; then
  rm -rf -- "$directory"
  "$java" -Djarmode=tools -jar "$jar" extract --destination "$directory" >&2
  # The same options as inside: a cache made for another collector or compiler is refused.
  "$java" "@$lab/jvm.options" "-XX:AOTCacheOutput=$cache" -Dspring.context.exit=onRefresh \
    -jar "$unpacked" "$@" >"$directory/training.log" 2>&1 ||
    { tail -n 20 "$directory/training.log" >&2; exit 1; }
  [ -s "$cache" ] || { echo "aot-cache: no cache came out; see $directory/training.log" >&2; exit 1; }
  printf '%s\n' "$sum" >"$directory/jar.sum"
fi
printf -- '-XX:AOTCache=%s -jar %s\n' "$cache" "$unpacked"
