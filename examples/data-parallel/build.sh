#!/bin/sh
# Rebuilds shard.wasm and reduce.wasm (or in the folder named) with Debian's clang and wasm-ld.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
to=$(CDPATH= cd -- "${1:-$here}" && pwd)
cd "$here"
for m in shard reduce; do
    ../../sdk/c/gwcc -o "$to/$m.wasm" -p 64 "src/$m.c"
done
