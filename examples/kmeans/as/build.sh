#!/bin/sh
# Rebuilds kmeans.wasm (or the file named) with the AssemblyScript compiler.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
exec "$here/../../../sdk/as/gwasc" -o "${1:-$here/kmeans.wasm}" -p 256 "$here/kmeans.ts"
