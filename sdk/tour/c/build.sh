#!/bin/sh
# Builds tour.wasm (or the file named) with Debian's clang and wasm-ld.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
cd "$here"
exec ../../c/gwcc -o "${1:-tour.wasm}" tour.c
