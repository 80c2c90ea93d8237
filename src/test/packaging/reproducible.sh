#!/usr/bin/env bash
# Builds the jar a second time, from a copy of the sources in another folder, and compares it with the
# one that is there, byte for byte.
#
#   reproducible.sh [JAR]        JAR is target/fermata.jar unless told otherwise
#
# Exit code 0: the same bytes. 1: not; the entries that differ are named. Tests are not compiled.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
project=$(cd -- "$here/../../.." && pwd)
first=$(realpath -- "${1:-$project/target/fermata.jar}")
[[ -f $first ]] || { echo "reproducible: no $first; ./mvnw package makes it" >&2; exit 1; }

# A path of another length, so that no path can hide in the bytes.
copy=$(mktemp -d)/another-place-altogether
trap 'rm -rf -- "$(dirname -- "$copy")"' EXIT
mkdir "$copy"
tar -C "$project" --exclude=./target --exclude=./.git -cf - . | tar -C "$copy" -xf -
(cd -- "$copy" && ./mvnw -B -ntp -q -Dmaven.test.skip=true package)
second=$copy/target/fermata.jar

sum() { sha256sum -- "$1" | cut -d ' ' -f 1; }
if cmp -s -- "$first" "$second"; then
  echo "reproducible: both builds are $(sum "$first")"
  exit 0
fi

entries() { # name, size and checksum of every entry, in order
  python3 - "$1" <<'PY'
import sys, zipfile
for entry in zipfile.ZipFile(sys.argv[1]).infolist():
    print(entry.filename, entry.file_size, f"{entry.CRC:08x}", entry.date_time)
PY
}
echo "reproducible: two builds of the same sources differ: $(sum "$first") and $(sum "$second")" >&2
if command -v python3 >/dev/null; then
  diff <(entries "$first") <(entries "$second") | head -n 40 >&2 || true
fi
exit 1
