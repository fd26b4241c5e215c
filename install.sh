#!/bin/sh
# Installs leakgate from the archives of a release, after a check of their SHA-256 sums.
#
#   install.sh [--from URL-OR-FOLDER] [--to FOLDER] [--version X.Y.Z]
#
# --from      where the archives and SHA256SUMS are; default: the release page
# --to        where the program goes; default: $HOME/.local/bin
# --version   which release; default: the newest
set -eu

repository='@REPOSITORY@'
from='' to="${HOME:-}/.local/bin" version=''

fail() { printf 'leakgate install: %s\n' "$*" >&2; exit 1; }

while [ $# -gt 0 ]; do
  case $1 in
    --from | --to | --version)
      [ $# -ge 2 ] || fail "$1 needs a value"
      case $1 in --from) from=$2 ;; --to) to=$2 ;; --version) version=${2#v} ;; esac
      shift 2 ;;
    -h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) fail "unknown argument $1; see --help" ;;
  esac
done

case $(uname -s) in
  Linux) os=unknown-linux-musl ;;
  Darwin) os=apple-darwin ;;
  *) fail "no archive for $(uname -s); on Windows use the zip of the release" ;;
esac
case $(uname -m) in
  x86_64 | amd64) cpu=x86_64 ;;
  aarch64 | arm64) cpu=aarch64 ;;
  *) fail "no archive for the processor $(uname -m); build from source with cargo" ;;
esac

if [ -z "$from" ]; then
  case $repository in
    @*) fail "this copy comes from the source tree and knows no release; pass --from" ;;
  esac
  from=https://github.com/$repository/releases
  if [ -n "$version" ]; then from=$from/download/v$version; else from=$from/latest/download; fi
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

get() {
  case $from in
    http://* | https://*)
      if command -v curl >/dev/null 2>&1; then
        curl --proto '=https' --tlsv1.2 -fsSL -o "$scratch/$1" "$from/$1" || fail "can't download $from/$1"
      elif command -v wget >/dev/null 2>&1; then
        wget -q --https-only -O "$scratch/$1" "$from/$1" || fail "can't download $from/$1"
      else
        fail "neither curl nor wget is installed"
      fi ;;
    *) cp "$from/$1" "$scratch/$1" || fail "can't read $from/$1" ;;
  esac
}

get SHA256SUMS
archive=$(sed -n "s/^[0-9a-f]\{64\}  *\(leakgate-${version:-[0-9][^ ]*}-$cpu-$os\.tar\.gz\)\$/\1/p" "$scratch/SHA256SUMS")
case $archive in
  '') fail "$from has no archive for $cpu-$os${version:+ of version $version}" ;;
  *'
'*) fail "$from has several versions; choose one with --version" ;;
esac
get "$archive"

if command -v sha256sum >/dev/null 2>&1; then
  sum=$(sha256sum "$scratch/$archive")
elif command -v shasum >/dev/null 2>&1; then
  sum=$(shasum -a 256 "$scratch/$archive")
else
  fail "neither sha256sum nor shasum is installed, so the download can't be checked"
fi
grep -q "^${sum%% *}  *$archive\$" "$scratch/SHA256SUMS" ||
  fail "the SHA-256 sum of $archive is not the one in SHA256SUMS; nothing was installed"

tar -C "$scratch" -xzf "$scratch/$archive"
mkdir -p "$to"
cp "$scratch/${archive%.tar.gz}/leakgate" "$to/.leakgate.new"
chmod 755 "$to/.leakgate.new"
mv "$to/.leakgate.new" "$to/leakgate"
echo "installed $("$to/leakgate" --version) to $to/leakgate"
case :$PATH: in
  *:"$to":*) ;;
  *) echo "add $to to your PATH" ;;
esac
