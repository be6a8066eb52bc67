#!/usr/bin/env bash
# clang-tidy over the project's sources, in parallel, within a time limit.
set -euo pipefail

usage() {
  cat <<EOF
usage: tools/run_clang_tidy.sh --build DIR [options] [FILE...]

Checks FILEs, or all sources of the compilation database in DIR, newest commit first.

  --build DIR          a configured build folder (cmake --preset tidy makes build/tidy)
  --clang-tidy PROGRAM the program to run (default clang-tidy-19)
  --jobs N             files at once (default: the number of processors)
  --seconds N          stop starting files after N seconds and say how many were left
  --layers A,B         only these layers, e.g. base,mil
  --no-tests           leave out *_test.cpp
EOF
}

build="" clang_tidy=clang-tidy-19 jobs=$(getconf _NPROCESSORS_ONLN) seconds=0 layers="" tests=true files=()
while [ $# -gt 0 ]; do
  case "$1" in
    --build) build=$2; shift 2 ;;
    --clang-tidy) clang_tidy=$2; shift 2 ;;
    --jobs) jobs=$2; shift 2 ;;
    --seconds) seconds=$2; shift 2 ;;
    --layers) layers=$2; shift 2 ;;
    --no-tests) tests=false; shift ;;
    -h | --help) usage; exit 0 ;;
    -*) usage >&2; exit 2 ;;
    *) files+=("$1"); shift ;;
  esac
done
if [ -z "$build" ]; then usage >&2; exit 2; fi
cd "$(dirname "$0")/.."
if [ ! -f "$build/compile_commands.json" ]; then
  echo "no compile_commands.json in $build: configure it first" >&2
  exit 2
fi

# Sources of this project that the build knows (files for other processors are not in it).
if [ ${#files[@]} -eq 0 ]; then
  known=$(sed -n 's/^ *"file": "\(.*\)",\{0,1\}$/\1/p' "$build/compile_commands.json" |
    sed "s|^$PWD/||")
  # Most recently changed first, so that a time limit leaves out what was checked before.
  ordered=$({ git log -n 200 --pretty=format: --name-only 2>/dev/null || true; git ls-files; } |
    awk 'NF && !seen[$0]++')
  while IFS= read -r file; do
    if [ -n "$layers" ] && ! [[ ",$layers," == *",$(cut -d/ -f2 <<<"$file"),"* ]]; then continue; fi
    if ! $tests && [[ $file == *_test.cpp ]]; then continue; fi
    files+=("$file")
  done < <(grep -Fxf <(printf '%s\n' "$known") <<<"$ordered")
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
deadline=0
if [ "$seconds" -gt 0 ]; then deadline=$(($(date +%s) + seconds)); fi
check_one() {
  if [ "$4" -gt 0 ] && [ "$(date +%s)" -ge "$4" ]; then
    echo "$1" >>"$5/left"
    return
  fi
  local log
  log=$(mktemp "$5/log.XXXXXX")
  if ! "$2" -p "$3" --quiet "$1" >"$log" 2>/dev/null; then
    echo "$1" >>"$5/failed"
    cat "$log"
  fi
}
export -f check_one
printf '%s\0' "${files[@]}" |
  xargs -0 -P "$jobs" -I{} bash -c 'check_one "$@"' _ {} "$clang_tidy" "$build" "$deadline" "$scratch"

count() { if [ -f "$scratch/$1" ]; then wc -l <"$scratch/$1"; else echo 0; fi; }
failed=$(count failed) left=$(count left)
echo "clang-tidy: ${#files[@]} files, $((failed)) with findings, $((left)) left out by the time limit"
[ "$failed" -eq 0 ]
