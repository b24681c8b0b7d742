#!/bin/sh
# Builds tour.wasm (or the file named) with the AssemblyScript compiler.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
exec "$here/../../as/gwasc" -o "${1:-$here/tour.wasm}" "$here/tour.ts"
