#!/usr/bin/env bash
# Builds the container image from the static programs of the archives; no container engine is needed, only buildah.
#
#   packaging/image.sh PACKAGES NAME VERSION [--push]
set -euo pipefail
cd "$(dirname "$0")/.."
packages=${1:?usage: packaging/image.sh PACKAGES NAME VERSION [--push]} name=${2:?} version=${3:?}
buildah=(buildah --storage-driver vfs)
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT

for arch in amd64 arm64; do
  case $arch in amd64) cpu=x86_64 ;; arm64) cpu=aarch64 ;; esac
  folder=leakgate-$version-$cpu-unknown-linux-musl
  [ -e "$packages/$folder.tar.gz" ] || continue
  mkdir -p "$context/target/packages/image/$arch"
  tar -C "$context/target/packages/image/$arch" --strip-components=1 -xzf "$packages/$folder.tar.gz" "$folder/leakgate"
  "${buildah[@]}" bud --isolation chroot --arch "$arch" --build-arg "TARGETARCH=$arch" --target bare \
    --manifest "$name:$version" --file packaging/Containerfile "$context"
done
if [ "${4:-}" = --push ]; then
  "${buildah[@]}" manifest push --all "$name:$version" "docker://$name:$version"
  "${buildah[@]}" manifest push --all "$name:$version" "docker://$name:latest"
fi
