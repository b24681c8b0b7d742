#!/bin/sh
# Builds jobname.wasm (or the file named) with cargo and rustc 1.63 or later (Debian packages cargo, rustc and
# libstd-rust-dev-wasm32; elsewhere: rustup target add wasm32-unknown-unknown).
set -eu
out=${1:-}
case $out in "") out=jobname.wasm ;; /*) ;; *) out=$PWD/$out ;; esac
cd -- "$(dirname -- "$0")"
exec sdk/gwcargo -o "$out" .
