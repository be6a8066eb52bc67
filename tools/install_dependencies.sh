#!/usr/bin/env bash
# Installs the packages that building needs and that are missing; prints what it installs.
set -euo pipefail

usage() {
  cat <<EOF
usage: tools/install_dependencies.sh [--fuzz] [--ci] [--list]

Installs what is missing, with apt-get on Debian and Ubuntu, with brew on macOS.
Where everything is there it does nothing and asks no network.

  --fuzz   also clang 19, for the fuzz targets
  --ci     also all that .ci/run needs (second compiler, formatter, cross compiler, QEMU)
  --list   print the packages and install nothing
EOF
}

packages_debian=(
  g++ cmake ninja-build ccache git
  libfmt-dev libcli11-dev nlohmann-json3-dev libexpected-dev libprotozero-dev
  libdnnl-dev libzip-dev libpng-dev libjpeg-dev
  libbenchmark-dev libgtest-dev libgmock-dev googletest)
packages_debian_fuzz=(clang-19 libclang-rt-19-dev)
packages_debian_ci=(
  clang-19 libclang-rt-19-dev libc++-19-dev libc++abi-19-dev clang-format-19 clang-tidy-19
  g++-aarch64-linux-gnu qemu-user xz-utils)
packages_macos=(
  cmake ninja ccache fmt cli11 nlohmann-json tl-expected protozero onednn libzip libpng jpeg-turbo
  google-benchmark googletest)

fuzz=false ci=false list=false
for argument in "$@"; do
  case "$argument" in
    --fuzz) fuzz=true ;;
    --ci) ci=true ;;
    --list) list=true ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "not root and no sudo: please install these packages yourself: ${missing[*]}" >&2
    exit 1
  fi
}

install_debian() {
  local wanted=("${packages_debian[@]}")
  if $fuzz; then wanted+=("${packages_debian_fuzz[@]}"); fi
  if $ci; then wanted+=("${packages_debian_ci[@]}"); fi
  if $list; then printf '%s\n' "${wanted[@]}"; return; fi

  missing=()
  local package
  for package in "${wanted[@]}"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
      missing+=("$package")
  done
  if [ ${#missing[@]} -eq 0 ]; then return; fi
  echo "installing: ${missing[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

install_macos() {
  if $list; then printf '%s\n' "${packages_macos[@]}"; return; fi
  if ! command -v brew >/dev/null; then
    echo "Homebrew (brew) is missing; it brings: ${packages_macos[*]}" >&2
    exit 1
  fi
  missing=()
  local package installed
  installed=$(brew list --formula -1)
  for package in "${packages_macos[@]}"; do
    grep -qx "$package" <<<"$installed" || missing+=("$package")
  done
  if [ ${#missing[@]} -eq 0 ]; then return; fi
  echo "installing: ${missing[*]}"
  brew install --quiet "${missing[@]}"
}

if [ "$(uname -s)" = Darwin ]; then
  install_macos
elif command -v apt-get >/dev/null; then
  install_debian
else
  echo "no apt-get and no brew here; please install the equivalents of: ${packages_debian[*]}" >&2
  if $list; then exit 0; fi
fi
