#!/usr/bin/env bash
# Runs every fuzz target that was built, each for the same time. A finding stops with its input.
set -euo pipefail

usage() {
  cat <<EOF
usage: tools/run_fuzzers.sh --build DIR [--seconds N] [--corpus DIR] [NAME...]

  --build DIR   folder of the preset fuzz (cmake --preset fuzz && cmake --build --preset fuzz)
  --seconds N   how long each target runs (default 60)
  --corpus DIR  where inputs that reached new code are kept (default DIR/corpus of the build)
  NAME          only these targets

Targets start from testdata/fuzz/<target>/ where it exists. An input that fails is written to the
corpus folder as crash-*, and the command that repeats it is printed.
EOF
}

build="" seconds=60 corpus="" names=()
while [ $# -gt 0 ]; do
  case "$1" in
    --build) build=$2; shift 2 ;;
    --seconds) seconds=$2; shift 2 ;;
    --corpus) corpus=$2; shift 2 ;;
    -h | --help) usage; exit 0 ;;
    -*) usage >&2; exit 2 ;;
    *) names+=("$1"); shift ;;
  esac
done
if [ -z "$build" ]; then usage >&2; exit 2; fi
root=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "$build" && pwd)
corpus=${corpus:-$build/corpus}

programs=()
while IFS= read -r program; do
  programs+=("$program")
done < <(find "$build" -type f -name '*_fuzzer' -perm -u+x | sort)
if [ ${#programs[@]} -eq 0 ]; then
  echo "no fuzz targets (*_fuzzer) in $build" >&2
  exit 2
fi
failures=0 ran=0
for program in "${programs[@]}"; do
  name=$(basename "$program")
  if [ ${#names[@]} -gt 0 ] && ! [[ " ${names[*]} " == *" $name "* ]]; then continue; fi
  ran=$((ran + 1))
  mkdir -p "$corpus/$name"
  folders=("$corpus/$name")
  if [ -d "$root/testdata/fuzz/$name" ]; then folders+=("$root/testdata/fuzz/$name"); fi
  log="$corpus/$name.log"
  status=0
  "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$corpus/$name-" "${folders[@]}" >"$log" 2>&1 || status=$?
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  if [ $status -eq 0 ]; then
    echo "$name: clean, ${executions:-?} runs in $seconds s"
  else
    failures=$((failures + 1))
    echo "$name: FAILED, see $log"
    tail -n 40 "$log"
    artifact=$(sed -n 's/.*Test unit written to \(.*\)$/\1/p' "$log" | head -n 1)
    if [ -n "$artifact" ]; then echo "repeat with: $program $artifact"; fi
  fi
done
if [ $ran -eq 0 ]; then echo "no such fuzz target: ${names[*]}" >&2; exit 2; fi
[ $failures -eq 0 ]
