#!/usr/bin/env bash
# Builds the packages of leakgate from this working tree into target/packages.
#
#   packaging/build.sh [TARGET...]        default: x86_64-unknown-linux-musl
#
# A TARGET is a Rust target triple: {x86_64,aarch64}-unknown-linux-musl, {x86_64,aarch64}-apple-darwin,
# x86_64-pc-windows-gnu. Each gives an archive, a wheel and an npm package; Linux also gives a .deb.
# Needs: cargo with the targets (rustup target add); cargo-zigbuild, ziglang and wheel (pip install); cargo-deb (cargo
# install); npm; zip for Windows. The program is built once for each target.
set -euo pipefail
cd "$(dirname "$0")/.."

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
out=$PWD/target/packages
mkdir -p "$out"

# What Python, npm and Debian call a target.
names() {
  case $1 in
    x86_64-unknown-linux-musl)  wheel=manylinux2014_x86_64.musllinux_1_1_x86_64;   npm=linux-x64;    deb=amd64 ;;
    aarch64-unknown-linux-musl) wheel=manylinux2014_aarch64.musllinux_1_1_aarch64; npm=linux-arm64;  deb=arm64 ;;
    x86_64-apple-darwin)        wheel=macosx_11_0_x86_64;                          npm=darwin-x64;   deb= ;;
    aarch64-apple-darwin)       wheel=macosx_11_0_arm64;                           npm=darwin-arm64; deb= ;;
    x86_64-pc-windows-gnu)      wheel=win_amd64;                                   npm=win32-x64;    deb= ;;
    *) echo "packaging: no package is made for the target $1" >&2; exit 2 ;;
  esac
}

archive() {
  local target=$1 binary=$2 name=leakgate-$version-$1
  local folder=$out/$name
  rm -rf "$folder" && mkdir -p "$folder"
  cp "$binary" README.md LICENSE CHANGELOG.md "$folder"
  cp -r "$out/extras/." "$folder"
  case $target in
    *windows*) (cd "$out" && rm -f "$name.zip" && zip -q -r "$name.zip" "$name") ;;
    *) tar -C "$out" --owner=0 --group=0 --sort=name -czf "$out/$name.tar.gz" "$name" ;;
  esac
  rm -rf "$folder"
}

# The program alone, as a script of the environment: no Python code, and no second build of the program.
wheel_of() {
  local binary=$1 dir=$out/wheel platform
  local info=$dir/leakgate-$version.dist-info scripts=$dir/leakgate-$version.data/scripts
  rm -rf "$dir" && mkdir -p "$info/licenses" "$scripts"
  install -m 755 "$binary" "$scripts/"
  cp LICENSE "$info/licenses/"
  {
    printf 'Metadata-Version: 2.4\nName: leakgate\nVersion: %s\n' "$version"
    printf 'Summary: The goroutine-leak gate for Go test suites\nLicense-Expression: MIT\nLicense-File: LICENSE\n'
    printf 'Requires-Python: >=3.8\nDescription-Content-Type: text/markdown\n\n'
    cat README.md
  } > "$info/METADATA"
  printf 'Wheel-Version: 1.0\nGenerator: packaging/build.sh\nRoot-Is-Purelib: false\n' > "$info/WHEEL"
  for platform in ${wheel//./ }; do printf 'Tag: py3-none-%s\n' "$platform"; done >> "$info/WHEEL"
  python3 -m wheel pack "$dir" --dest-dir "$out" > /dev/null
  rm -rf "$dir"
}

# npm publishes with provenance only if package.json names the repository that the workflow runs in.
repository_of() {
  [ -z "${GITHUB_REPOSITORY:-}" ] ||
    (cd "$1" && npm pkg set "repository.type=git" "repository.url=git+https://github.com/$GITHUB_REPOSITORY.git")
}

npm_of() {
  local binary=$1 os=${npm%-*} cpu=${npm#*-}
  local dir=$out/npm/$npm
  rm -rf "$dir" && mkdir -p "$dir"
  cp "$binary" LICENSE "$dir"
  cat > "$dir/package.json" <<JSON
{
  "name": "@leakgate/$npm",
  "version": "$version",
  "description": "The leakgate program for $npm",
  "license": "MIT",
  "os": ["$os"],
  "cpu": ["$cpu"],
  "preferUnplugged": true,
  "files": ["$(basename "$binary")"]
}
JSON
  repository_of "$dir"
  (cd "$out" && npm pack --silent "./npm/$npm" >/dev/null)
}

# Completions and the man page come from the program of this machine.
extras() {
  local shell
  rm -rf "$out/extras" && mkdir -p "$out/extras/completions"
  cargo build --quiet --locked
  target/debug/leakgate man > "$out/extras/leakgate.1"
  for shell in bash zsh fish elvish powershell; do
    target/debug/leakgate completions "$shell" > "$out/extras/completions/leakgate.$shell"
  done
  gzip -9 -n -c "$out/extras/leakgate.1" > "$out/extras/leakgate.1.gz"
  gzip -9 -n -c CHANGELOG.md > "$out/extras/changelog.gz"
  mkdir -p target/deb-assets && mv "$out/extras/leakgate.1.gz" "$out/extras/changelog.gz" target/deb-assets/
}

extras
for target in "${@:-x86_64-unknown-linux-musl}"; do
  names "$target"
  cargo zigbuild --quiet --release --locked --target "$target"
  binary=target/$target/release/leakgate
  [[ $target != *windows* ]] || binary+=.exe
  archive "$target" "$binary"
  wheel_of "$binary"
  npm_of "$binary"
  [ -z "$deb" ] || cargo deb --quiet --no-build --no-strip --target "$target" --output "$out/leakgate_${version}_$deb.deb"
done

# The npm package that people install: it picks the program of their platform.
rm -rf "$out/npm/leakgate" && mkdir -p "$out/npm" && cp -r packaging/npm "$out/npm/leakgate"
sed -i "s/@VERSION@/$version/g" "$out/npm/leakgate/package.json"
cp LICENSE README.md "$out/npm/leakgate/"
repository_of "$out/npm/leakgate"
(cd "$out" && npm pack --silent ./npm/leakgate >/dev/null)

rm -rf "$out/extras" "$out/npm"
(cd "$out" && rm -f SHA256SUMS && sha256sum ./* | sed 's# \./# #; s#\*\./##' > SHA256SUMS)
ls -l "$out"
