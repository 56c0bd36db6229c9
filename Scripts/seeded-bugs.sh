#!/usr/bin/env bash
# Shows that tests can fail: for each Tests/Seeded/NAME.patch, a bug is put into Sources, and the tests that the patch
# names must then fail. Works in place, on a tree whose Sources are as committed, and puts them back.
#
#   Scripts/seeded-bugs.sh [NAME ...]      all of them without names
#
# A patch is what `git diff` prints, below lines of text; one of these is `tests: FILTER`, as `swift test --filter` takes it.
set -uo pipefail
cd "$(dirname "$0")/.."

git diff --quiet HEAD -- Sources || { echo "Sources differ from what is committed; commit or stash them first"; exit 64; }
log=$(mktemp)
trap 'git checkout -q HEAD -- Sources; rm -f "$log"' EXIT

if [ $# -gt 0 ]; then
  patches=()
  for name in "$@"; do patches+=("Tests/Seeded/$name.patch"); done
else
  patches=(Tests/Seeded/*.patch)
fi

failed=0
for patch in "${patches[@]}"; do
  name=$(basename "$patch" .patch)
  filter=$(sed -n 's/^tests: //p' "$patch" | head -1)
  if [ -z "$filter" ]; then echo "$name: names no tests (a line \`tests: FILTER\`)"; failed=1; continue; fi
  if ! git apply "$patch"; then echo "$name: does not apply any more; make it anew"; failed=1; continue; fi
  if ! swift build --build-tests >"$log" 2>&1; then
    echo "$name: does not compile"; grep error: "$log" | head -5; failed=1
  elif swift test --skip-build --filter "$filter" >"$log" 2>&1; then
    echo "$name: NOT caught by $filter"; tail -2 "$log"; failed=1
  elif grep -q "recorded an issue" "$log"; then
    echo "$name: caught by $(grep -c 'recorded an issue' "$log") checks of $filter"
  else
    echo "$name: the tests did not run to a verdict"; tail -5 "$log"; failed=1
  fi
  git checkout -q HEAD -- Sources
done
exit $failed
