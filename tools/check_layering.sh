#!/usr/bin/env bash
# Shows that the layers are kept: from each layer, including a header of any later one must fail.
set -euo pipefail

usage() {
  cat <<EOF
usage: tools/check_layering.sh --build DIR [--compiler PROGRAM]

For every layer, with the include paths that its compilations really have: its own headers must be
found, and those of every later layer must be "no such file". Also refuses includes that walk
around the paths ("../", "./").

  --build DIR         a configured build folder, e.g. build/release
  --compiler PROGRAM  the preprocessor to ask (default g++)
EOF
}

build="" compiler=${CXX:-g++}
while [ $# -gt 0 ]; do
  case "$1" in
    --build) build=$2; shift 2 ;;
    --compiler) compiler=$2; shift 2 ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done
if [ -z "$build" ]; then usage >&2; exit 2; fi
includes=$(cd "$build" && pwd)/layer_include
cd "$(dirname "$0")/.."

# In the order in which CMakeLists.txt adds them.
layers=() folders=()
while read -r layer folder; do
  layers+=("$layer")
  folders+=("$folder")
done <"$includes/layers.txt"
failures=0 checks=0

sees() { # layer, header
  local flags=() path
  while IFS= read -r path; do
    if [[ $path == "$includes"/* ]]; then flags+=("-I$path"); fi
  done <"$includes/$1.txt"
  # Only whether the file itself is found: what it includes in turn is not asked. Neither the
  # current folder nor an installed anebench may answer.
  printf '#if !__has_include(<%s>)\n#error no such file\n#endif\n' "$2" |
    "$compiler" -std=c++20 -E -nostdinc -nostdinc++ "${flags[@]}" -x c++ - -o /dev/null 2>/dev/null
}

# One header of each layer stands for all: they are reached through the same path.
headers=()
for folder in "${folders[@]}"; do
  headers+=("$(find "anebench/$folder" -maxdepth 1 -name '*.h' | sort | sed -n 1p)")
done

for ((i = 0; i < ${#layers[@]}; ++i)); do
  if [ -z "${headers[i]}" ]; then continue; fi
  checks=$((checks + 1))
  if ! sees "${layers[i]}" "${headers[i]}"; then
    echo "${layers[i]} does not find its own ${headers[i]}" >&2
    failures=$((failures + 1))
  fi
  for ((j = i + 1; j < ${#layers[@]}; ++j)); do
    if [ -z "${headers[j]}" ]; then continue; fi
    checks=$((checks + 1))
    if sees "${layers[i]}" "${headers[j]}"; then
      echo "${layers[i]} can include ${headers[j]} of the later layer ${layers[j]}" >&2
      failures=$((failures + 1))
    fi
  done
done

if grep -rnE --include='*.h' --include='*.cpp' '^ *# *include *"\.\.?/' anebench >&2; then
  echo "includes must be written from the root, \"anebench/<layer>/<thing>.h\"" >&2
  failures=$((failures + 1))
fi
echo "layering: $checks includes tried, $failures not as they should be"
[ "$failures" -eq 0 ]
