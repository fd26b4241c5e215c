#!/usr/bin/env bash
# Prints the changelog section of a version, and fails where Cargo.toml or CHANGELOG.md has another one.
#
#   packaging/notes.sh X.Y.Z
set -euo pipefail
cd "$(dirname "$0")/.."
version=${1:?usage: packaging/notes.sh X.Y.Z}
cargo_version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
if [ "$cargo_version" != "$version" ]; then
  echo "packaging: Cargo.toml has version $cargo_version, not $version" >&2
  exit 1
fi
notes=$(awk -v version="$version" '/^## / { on = ($2 == version || $2 == "[" version "]"); next } on' CHANGELOG.md)
if [ -z "${notes//[[:space:]]/}" ]; then
  echo "packaging: CHANGELOG.md has no section \"## $version\"" >&2
  exit 1
fi
printf '%s\n' "$notes"
