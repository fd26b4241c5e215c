#!/usr/bin/env bash
# Fills the Homebrew formula, the Scoop manifest and install.sh for a release, from the checksums of its archives.
#
#   packaging/formulas.sh OWNER/NAME [FOLDER]     reads SHA256SUMS in FOLDER (target/packages), writes beside it
set -euo pipefail
cd "$(dirname "$0")/.."
repository=${1:?usage: packaging/formulas.sh OWNER/NAME [FOLDER]}
out=${2:-target/packages}
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
base=https://github.com/$repository/releases/download/v$version

fill() {
  local text archive sum
  text=$(sed "s#@REPOSITORY@#$repository#g; s#@VERSION@#$version#g; s#@BASE@#$base#g" "$1")
  while read -r sum archive; do
    archive=${archive#leakgate-"$version"-}
    text=${text//@SHA_${archive%.*z*}@/$sum}
  done < <(sed 's/\.tar\.gz$/.tgz/' "$out/SHA256SUMS")
  if grep -o '@SHA_[^@]*@' <<<"$text" >&2; then
    echo "packaging: no archive of these targets is in $out: build them first (packaging/build.sh)" >&2
    exit 2
  fi
  printf '%s\n' "$text"
}

fill packaging/homebrew/leakgate.rb.in > "$out/leakgate.rb"
fill packaging/scoop/leakgate.json.in > "$out/leakgate.json"
sed "s#@REPOSITORY@#$repository#" install.sh > "$out/install.sh"
chmod +x "$out/install.sh"
