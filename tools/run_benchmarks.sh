#!/usr/bin/env bash
# Runs the benchmark programs of bench/, one after the other.
set -euo pipefail

usage() {
  cat <<EOF
usage: tools/run_benchmarks.sh --build DIR [NAME...] [-- ARGUMENTS]

  --build DIR   a Release build folder, e.g. build/release
  NAME          only the programs whose names contain one of these words
  ARGUMENTS     passed on to every program
EOF
}

build="" names=() arguments=()
while [ $# -gt 0 ]; do
  case "$1" in
    --build) build=$2; shift 2 ;;
    -h | --help) usage; exit 0 ;;
    --) shift; arguments=("$@"); break ;;
    -*) usage >&2; exit 2 ;;
    *) names+=("$1"); shift ;;
  esac
done
if [ -z "$build" ]; then usage >&2; exit 2; fi

programs=()
while IFS= read -r program; do
  programs+=("$program")
done < <(find "$build/bench" -maxdepth 1 -type f -perm -u+x -name '*_bench*' | sort)
if [ ${#programs[@]} -eq 0 ]; then
  echo "no benchmark programs in $build/bench" >&2
  exit 2
fi
failures=0
for program in "${programs[@]}"; do
  name=$(basename "$program")
  if [ ${#names[@]} -gt 0 ]; then
    matches=false
    for word in "${names[@]}"; do if [[ $name == *"$word"* ]]; then matches=true; fi; done
    $matches || continue
  fi
  echo "== $name"
  "$program" ${arguments[@]+"${arguments[@]}"} || failures=$((failures + 1))
done
[ $failures -eq 0 ]
