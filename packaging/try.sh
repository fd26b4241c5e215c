#!/usr/bin/env bash
# Installs each package in target/packages for this machine into an empty place, and runs the gate of examples/first-leak
# with it: it must find the leak (exit code 3). Linux on x86-64. Needs what packaging/build.sh needs, and dpkg.
set -euo pipefail
cd "$(dirname "$0")/.."
packages=$PWD/target/packages
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
tried=0

# try NAME PROGRAM...
try() {
  local name=$1 code=0
  shift
  "$@" test -C examples/first-leak -count=1 ./... > "$scratch/output" 2>&1 || code=$?
  if [ "$code" != 3 ] || ! grep -q 'TestFastest' "$scratch/output"; then
    cat "$scratch/output"
    echo "packaging: $name: exit code $code, expected 3 with TestFastest" >&2
    exit 1
  fi
  echo "ok: $name: $("$@" --version)"
  tried=$((tried + 1))
}

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)

mkdir "$scratch/archive"
tar -C "$scratch/archive" -xzf "$packages/leakgate-$version-x86_64-unknown-linux-musl.tar.gz"
try archive "$scratch/archive/leakgate-$version-x86_64-unknown-linux-musl/leakgate"

sh install.sh --from "$packages" --to "$scratch/installed" > /dev/null
try install.sh "$scratch/installed/leakgate"
cp -r "$packages" "$scratch/changed"
printf x >> "$scratch/changed/leakgate-$version-x86_64-unknown-linux-musl.tar.gz"
if sh install.sh --from "$scratch/changed" --to "$scratch/changed-installed" > "$scratch/output" 2>&1 ||
  ! grep -q 'is not the one in SHA256SUMS' "$scratch/output" || [ -e "$scratch/changed-installed" ]; then
  cat "$scratch/output"
  echo "packaging: install.sh took an archive whose checksum is wrong" >&2
  exit 1
fi

python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet --no-index "$packages"/leakgate-"$version"-py3-none-manylinux2014_x86_64*.whl
try wheel "$scratch/venv/bin/leakgate"

mkdir "$scratch/npm"
(cd "$scratch/npm" && npm init --yes > /dev/null &&
  npm install --silent --offline --no-audit --no-fund "$packages/leakgate-linux-x64-$version.tgz" &&
  npm install --silent --offline --no-audit --no-fund --omit=optional "$packages/leakgate-$version.tgz")
try npm "$scratch/npm/node_modules/.bin/leakgate"

dpkg-deb -x "$packages/leakgate_${version}_amd64.deb" "$scratch/deb"
dpkg-deb --field "$packages/leakgate_${version}_amd64.deb" Package Version Architecture > /dev/null
try deb "$scratch/deb/usr/bin/leakgate"

printf '%s packages tried\n' "$tried"
