#!/bin/sh
# Rebuilds kmeans.wasm (or the file named) with Debian's rustc and cargo.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
exec "$here/../../../sdk/rust/gwcargo" -o "${1:-$here/kmeans.wasm}" -p 64 "$here"
