#!/bin/sh
# Rebuilds fold.wasm (or the file named) with Debian's clang and wasm-ld.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
cd "$here"
exec ../../../sdk/c/gwcc -o "${1:-fold.wasm}" -p 32 fold.c
