#!/bin/bash
# Fuzzes the expression language with libFuzzer, which the Swift toolchain on Linux brings along.
#
#   Fuzz/run.sh TARGET [SECONDS]      syntax, checker, typed or pattern; 600 seconds unless told
#   Fuzz/run.sh all [SECONDS]         one after the other, each that long
#   Fuzz/run.sh build                 makes the fuzzer alone; FUZZ_BUILT=1 then takes it as it is
#
# syntax   lexer, parser, unparser: what is accepted must be the same when written and read again
# checker  the same texts through the checker; what it accepts must give the same checked and unchecked
# typed    expressions of known types made out of bytes; as checker
# pattern  regular expressions and texts
#
# FUZZ_PLAIN=1 fuzzes without the address sanitizer, whose own memory hides how much the code takes.
# Seeds are the expressions of the conformance texts, where ../shared has them, and what earlier runs found.
# Works in .build/fuzz; a crash, a hang (20 s) or memory beyond 2 GB leaves its input there, and the run fails.
set -euo pipefail
cd "$(dirname "$0")/.."
out=.build/fuzz
mkdir -p "$out"
fuzzer=$out/fuzz
sanitizers=fuzzer,address
if [[ -n ${FUZZ_PLAIN:-} ]]; then
  fuzzer=$out/fuzz-plain
  sanitizers=fuzzer
fi

build() {
  local tests=Tests/QuartermasterCELTests/Support
  # One module of the sources and the targets: no package, so that an ordinary build knows nothing of this. Copied, so
  # that the sources may be worked on meanwhile.
  rm -rf "$out/sources"
  mkdir -p "$out/sources"
  find Sources/QuartermasterCEL -name '*.swift' -exec cp {} "$out/sources" \;
  for file in "$tests"/{Shape,Agreement,ExprMaker}.swift Fuzz/FuzzTargets.swift; do
    grep -v '^@testable import QuartermasterCEL' "$file" > "$out/sources/$(basename "$file")"
  done
  swiftc -O -wmo -swift-version 6 -parse-as-library -sanitize="$sanitizers" \
    -module-name QuartermasterCEL -package-name quartermaster \
    -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault \
    -o "$fuzzer" "$out"/sources/*.swift 2> >(grep -v 'Cannot export local symbol' >&2)
}

seed() {
  local target=$1 seeds=$out/seeds-$1
  mkdir -p "$seeds" "$out/corpus-$target" "$out/found-$target"
  case $target in
  syntax | checker)
    python3 - "$seeds" ../shared/cel-conformance Fuzz/seeds.txt <<'PYTHON'
import glob, json, os, sys
out, folder, extra = sys.argv[1:]
texts = [json.loads(line)["expr"] for name in glob.glob(folder + "/*.jsonl") for line in open(name)]
texts += open(extra).read().splitlines() if os.path.exists(extra) else []
for number, text in enumerate(texts):
    open(os.path.join(out, str(number)), "w").write(text)
PYTHON
    ;;
  typed) head -c 64 /dev/urandom > "$seeds/random" ;;
  pattern)
    printf '^(a|b)*c{2,3}?$\0abcc' > "$seeds/1"
    printf '(?i)[^x-z[:alpha:]]\\pL+\\bq\0Hello' > "$seeds/2"
    printf '\\Qa.b\\E\\x{1F431}(?P<n>.)\0a.b' > "$seeds/3"
    ;;
  esac
}

run() {
  local target=$1 seconds=$2
  seed "$target"
  echo "== $target, $seconds s"
  # The sanitizer keeps the calls that led to each allocation: of deep trees there are always new ones, gigabytes of them.
  CEL_FUZZ=$target ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=16:malloc_context_size=1 "$fuzzer" \
    -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=4096 -print_final_stats=1 \
    -dict=Fuzz/cel.dict -artifact_prefix="$out/found-$target/" \
    "$out/corpus-$target" "$out/seeds-$target" 2> "$out/$target.log" || {
    tail -40 "$out/$target.log"
    return 1
  }
  grep -E '^(Done|stat::)' "$out/$target.log"
}

[[ -n ${FUZZ_BUILT:-} ]] || build
case ${1:-} in
build) ;;
syntax | checker | typed | pattern) run "$1" "${2:-600}" ;;
all)
  failed=0
  for target in syntax checker typed pattern; do run "$target" "${2:-600}" || failed=1; done
  exit $failed
  ;;
*)
  sed -n '2,16s/^# \{0,1\}//p' "$0"
  exit 64
  ;;
esac
