#!/bin/sh
# Builds tour.wasm (or the file named) with cargo and rustc.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
exec "$here/../../rust/gwcargo" -o "${1:-$here/tour.wasm}" "$here"
