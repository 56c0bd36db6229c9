#!/bin/sh
# Makes a project of each template in an empty folder, checks and tests it, applies its day of business, and compares
# what comes out with NAME.expected.txt.
#
#   examples/templates/day.sh [--record] [QUARTERMASTER]
#
# QUARTERMASTER is the program, .build/debug/quartermaster if not said. --record writes the expected files anew.
set -u
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
record=no
if [ "${1:-}" = --record ]; then
  record=yes
  shift
fi
program=${1:-$here/../../.build/debug/quartermaster}
[ -x "$program" ] || { echo "$program is no program; build it first" >&2; exit 64; }
program=$(CDPATH= cd -- "$(dirname -- "$program")" && pwd)/$(basename -- "$program")
folder=$(mktemp -d) || exit 70
trap 'rm -rf "$folder"' EXIT
failed=0

# What the program says of one template, without figures that differ from run to run.
day() {
  "$program" new "$1" --template "$1" > /dev/null || return 1
  cd "$1" || return 1
  # Notes may come and go; that it checks, and what it counts, may not.
  "$program" check > check.txt 2>&1 || { cat check.txt; return 1; }
  tail -n 1 check.txt
  "$program" test | sed -n 's/ ([0-9.]* s)$//; /^FAILED/p; $p'
  "$program" apply data/day.jsonl --clock replay 2>&1 | sed -n 's/ \[.*//; s/^\([0-9]* changes\) in .*/\1/; /^day.jsonl/p; /^[0-9]* changes/p; /^refused:/p; /^firings:/p'
  while IFS= read -r query; do
    printf '> %s\n' "$query"
    "$program" query "$query" --format csv || return 1
  done < "$here/$1.queries.txt"
}

for queries in "$here"/*.queries.txt; do
  name=$(basename -- "$queries" .queries.txt)
  if ! (cd "$folder" && day "$name") > "$folder/$name.txt" 2>&1; then
    echo "$name: FAILED"
    cat "$folder/$name.txt"
    failed=1
  elif [ $record = yes ]; then
    cp "$folder/$name.txt" "$here/$name.expected.txt"
    echo "$name: written"
  elif diff -u "$here/$name.expected.txt" "$folder/$name.txt"; then
    echo "$name: as expected"
  else
    echo "$name: FAILED"
    failed=1
  fi
done
exit $failed
