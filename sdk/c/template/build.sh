#!/bin/sh
# Builds jobname.wasm (or the file named) with clang and wasm-ld (Debian packages clang and lld).
set -eu
out=${1:-}
case $out in "") out=jobname.wasm ;; /*) ;; *) out=$PWD/$out ;; esac
cd -- "$(dirname -- "$0")"
exec sdk/gwcc -o "$out" src/*.c
