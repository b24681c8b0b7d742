#!/bin/sh
# Builds jobname.wasm (or the file named) with the AssemblyScript compiler (npm package assemblyscript; sdk/gwasc says how to get it).
set -eu
out=${1:-}
case $out in "") out=jobname.wasm ;; /*) ;; *) out=$PWD/$out ;; esac
cd -- "$(dirname -- "$0")"
exec sdk/gwasc -o "$out" src/jobname.ts
